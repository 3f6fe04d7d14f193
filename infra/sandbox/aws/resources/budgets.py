"""Budgets and their alerts. Source: Pulumi registry, "aws.budgets.Budget"; AWS Budgets API Reference."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Autoname, Resource, Step, Tags
from infra.sandbox.aws.errors import code
from infra.sandbox.aws.wire import Properties

_TIME = "%Y-%m-%d_%H:%M"
_KINDS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}


def _budget(props: Properties) -> dict[str, Any]:
    made: dict[str, Any] = {
        "BudgetName": props["name"],
        "BudgetType": props["budgetType"],
        "TimeUnit": props["timeUnit"],
        "CostFilters": {each["name"]: each["values"] for each in props.get("costFilters") or []},
    }
    if props.get("limitAmount") is not None:
        made["BudgetLimit"] = {"Amount": props["limitAmount"], "Unit": props["limitUnit"]}
    period = {
        member: datetime.strptime(props[name], _TIME).replace(tzinfo=UTC)
        for name, member in (("timePeriodStart", "Start"), ("timePeriodEnd", "End"))
        if props.get(name)
    }
    return {**made, **({"TimePeriod": period} if period else {})}


def _notification(alert: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "NotificationType": alert["notificationType"],
        "ComparisonOperator": alert["comparisonOperator"],
        "Threshold": alert["threshold"],
        "ThresholdType": alert["thresholdType"],
    }


def _subscribers(alert: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"SubscriptionType": kind, "Address": address}
        for name, kind in _KINDS.items()
        for address in alert.get(name) or []
    ]


def _create(action: Action) -> Mapping[str, Any]:
    tags: Mapping[str, str] = action.props.get("tags") or {}
    action.tagged = True
    action.api(
        "create_budget",
        AccountId=_account(action),
        Budget=_budget(action.props),
        NotificationsWithSubscribers=[
            {"Notification": _notification(alert), "Subscribers": _subscribers(alert)}
            for alert in action.props.get("notifications") or []
        ],
        ResourceTags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return {}


def _account(action: Action) -> str:
    return action.props.get("accountId") or action.aws.identity["Account"]


def _update(action: Action) -> None:
    action.api("update_budget", AccountId=_account(action), NewBudget=_budget(action.props))


def _update_notifications(action: Action) -> None:
    """An alert has no id: those that are gone are deleted, the others made anew, as the official provider does."""
    target = {"AccountId": _account(action), "BudgetName": action.props["name"]}
    for alert in action.api("describe_notifications_for_budget", **target).get("Notifications", []):
        known = {name: alert[name] for name in _notification_members}
        action.api("delete_notification", **target, Notification=known)
    for alert in action.props.get("notifications") or []:
        action.api("create_notification", **target, Notification=_notification(alert), Subscribers=_subscribers(alert))


_notification_members = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")


def _read(action: Action, _: Properties) -> Properties | None:
    account, name = action.id.split(":", 1)
    target = {"AccountId": account, "BudgetName": name}
    client = action.aws.client("budgets", action.region)
    try:
        found = client.describe_budget(**target)["Budget"]
    except client.exceptions.ClientError as error:
        if code(error) != "NotFoundException":
            raise
        return None
    alerts = client.describe_notifications_for_budget(**target).get("Notifications", [])
    period = found.get("TimePeriod", {})
    return {
        "accountId": account,
        "name": name,
        "budgetType": found["BudgetType"],
        "timeUnit": found["TimeUnit"],
        "limitAmount": found["BudgetLimit"]["Amount"],
        "limitUnit": found["BudgetLimit"]["Unit"],
        "costFilters": [{"name": key, "values": values} for key, values in found.get("CostFilters", {}).items()],
        "notifications": [_alert(client, target, alert) for alert in alerts],
        "timePeriodStart": period["Start"].astimezone(UTC).strftime(_TIME) if "Start" in period else None,
        "timePeriodEnd": period["End"].astimezone(UTC).strftime(_TIME) if "End" in period else None,
        "arn": f"arn:{action.aws.partition}:budgets::{account}:budget/{name}",
    }


def _alert(client: Any, target: Mapping[str, str], alert: Mapping[str, Any]) -> dict[str, Any]:
    notification = {name: alert[name] for name in _notification_members}
    found = client.describe_subscribers_for_notification(**target, Notification=notification)["Subscribers"]
    by_kind = {
        name: [each["Address"] for each in found if each["SubscriptionType"] == kind] for name, kind in _KINDS.items()
    }
    return {
        "notificationType": alert["NotificationType"],
        "comparisonOperator": alert["ComparisonOperator"],
        "threshold": alert["Threshold"],
        "thresholdType": alert["ThresholdType"],
        **{name: addresses for name, addresses in by_kind.items() if addresses},
    }


def _delete(action: Action) -> None:
    account, name = action.id.split(":", 1)
    action.api("delete_budget", AccountId=account, BudgetName=name)


_BUDGET = ("budgetType", "timeUnit", "limitAmount", "limitUnit", "costFilters", "timePeriodStart", "timePeriodEnd")

RESOURCES = (
    Resource(
        type="aws:budgets/budget:Budget",
        service="budgets",
        id="{account}:{name}",
        create=_create,
        writes=(*_BUDGET, "notifications", "tags"),
        replace=("name", "accountId"),
        reads=(),
        complete=_read,
        updates=(Step(_BUDGET, _update), Step(("notifications",), _update_notifications)),
        delete=_delete,
        missing=("NotFoundException",),
        autoname=Autoname("name", longest=100),
        # Names are given or automatic here; amounts that follow past spending and other cost types are not used.
        absent=("namePrefix", "billingViewArn", "costTypes", "filterExpression", "metrics", "plannedLimits"),
        tags=Tags(),
    ),
)
"""AWS Budgets entries of the table."""
