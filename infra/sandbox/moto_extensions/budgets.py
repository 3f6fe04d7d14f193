"""Budgets: changing a budget, reading who is alerted, and tags, which moto lacks; half given periods.

Source: AWS Budgets API Reference, "UpdateBudget", "DescribeSubscribersForNotification", "TimePeriod", "TagResource",
"UntagResource", "ListTagsForResource".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from moto.budgets.exceptions import NotFoundException
from moto.budgets.models import Budget
from moto.budgets.responses import BudgetsResponse

from infra.sandbox.moto_extensions.registry import add, parameters, wrap


def apply() -> None:
    """Changes moto."""
    add(
        BudgetsResponse,
        update_budget=_update,
        describe_subscribers_for_notification=_subscribers,
        tag_resource=_tag,
        untag_resource=_untag,
        list_tags_for_resource=_list_tags,
    )
    wrap(BudgetsResponse, "create_budget", _create)
    wrap(Budget, "__init__", _complete_period)


def _complete_period(
    original: Callable[..., None], budget: Budget, given: dict[str, Any], notifications: list[dict[str, Any]]
) -> None:
    """A period may be given by one end only; AWS chooses the other as if none had been given."""
    period = given.pop("TimePeriod", {})
    original(budget, given, notifications)
    given["TimePeriod"].update(period)


def _find(response: BudgetsResponse, account: str, name: str) -> Any:
    budgets = cast("dict[str, Any]", response.backend.budgets[account])
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _create(original: Callable[..., str], response: BudgetsResponse) -> str:
    given = parameters(response)
    answer = original(response)
    tags: list[dict[str, str]] = given.get("ResourceTags") or []
    _find(response, given["AccountId"], given["Budget"]["BudgetName"]).tags = {tag["Key"]: tag["Value"] for tag in tags}
    return answer


def _update(response: BudgetsResponse) -> str:
    given = parameters(response)
    old = _find(response, given["AccountId"], given["NewBudget"]["BudgetName"])
    period = {**old.budget["TimePeriod"], **given["NewBudget"].get("TimePeriod", {})}
    old.budget = cast("Any", Budget({**given["NewBudget"], "TimePeriod": period}, [])).budget
    return "{}"


def _subscribers(response: BudgetsResponse) -> str:
    given = parameters(response)
    for notification in _find(response, given["AccountId"], given["BudgetName"]).notifications:
        if notification.details == given["Notification"]:
            return json.dumps({"Subscribers": notification.subscribers})
    raise NotFoundException("Unable to get subscribers: the notification doesn't exist.")


def _tags(response: BudgetsResponse) -> dict[str, str]:
    _, _, _, _, account, resource = parameters(response)["ResourceARN"].split(":", 5)
    return _find(response, account, resource.partition("/")[2]).tags


def _tag(response: BudgetsResponse) -> str:
    _tags(response).update({tag["Key"]: tag["Value"] for tag in parameters(response)["ResourceTags"]})
    return "{}"


def _untag(response: BudgetsResponse) -> str:
    tags = _tags(response)
    for key in parameters(response)["ResourceTagKeys"]:
        tags.pop(key, None)
    return "{}"


def _list_tags(response: BudgetsResponse) -> str:
    return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in _tags(response).items()]})
