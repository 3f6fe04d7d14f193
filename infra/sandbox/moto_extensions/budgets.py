"""Budgets: changing a budget, reading who is alerted, and tags, which moto lacks.

Source: AWS Budgets API Reference, "UpdateBudget", "DescribeSubscribersForNotification", "TagResource",
"UntagResource", "ListTagsForResource".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

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


def _find(response: BudgetsResponse, account: str, name: str) -> Budget:
    budgets = response.backend.budgets[account]
    if name not in budgets:
        raise NotFoundException(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _tagged(response: BudgetsResponse) -> dict[str, str]:
    _, _, _, _, account, resource = parameters(response)["ResourceARN"].split(":", 5)
    return vars(_find(response, account, resource.partition("/")[2])).setdefault("tags", {})


def _create(original: Callable[..., str], response: BudgetsResponse) -> str:
    answer = original(response)
    given = parameters(response)
    budget = _find(response, given["AccountId"], given["Budget"]["BudgetName"])
    vars(budget)["tags"] = {tag["Key"]: tag["Value"] for tag in given.get("ResourceTags") or []}
    return answer


def _update(response: BudgetsResponse) -> str:
    given = parameters(response)
    old = _find(response, given["AccountId"], given["NewBudget"]["BudgetName"])
    new = Budget({"TimePeriod": old.budget["TimePeriod"], **given["NewBudget"]}, [])
    old.budget = new.budget
    return "{}"


def _subscribers(response: BudgetsResponse) -> str:
    given = parameters(response)
    budget = _find(response, given["AccountId"], given["BudgetName"])
    for notification in budget.notifications:
        if notification.details == given["Notification"]:
            return json.dumps({"Subscribers": notification.subscribers})
    raise NotFoundException("Unable to get subscribers: the notification doesn't exist.")


def _tag(response: BudgetsResponse) -> str:
    _tagged(response).update({tag["Key"]: tag["Value"] for tag in parameters(response)["ResourceTags"]})
    return "{}"


def _untag(response: BudgetsResponse) -> str:
    tags = _tagged(response)
    for key in parameters(response)["ResourceTagKeys"]:
        tags.pop(key, None)
    return "{}"


def _list_tags(response: BudgetsResponse) -> str:
    listed: list[dict[str, Any]] = [{"Key": key, "Value": value} for key, value in _tagged(response).items()]
    return json.dumps({"ResourceTags": listed})
