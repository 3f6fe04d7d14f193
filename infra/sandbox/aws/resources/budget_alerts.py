"""Who is told when a budget is used up: its notifications, each with its subscribers.

Source: AWS Budgets API Reference, "Notification", "Subscriber". A notification has no id; the API finds it by all of
its members, so one that changed is deleted and made anew, as by the official provider.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.diff import canonical
from infra.sandbox.aws.wire import Properties, has_unknown

_MEMBERS = {
    "notificationType": "NotificationType",
    "comparisonOperator": "ComparisonOperator",
    "threshold": "Threshold",
    "thresholdType": "ThresholdType",
}
_CHOICES = {
    "notificationType": ("ACTUAL", "FORECASTED"),
    "comparisonOperator": ("GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
    "thresholdType": ("PERCENTAGE", "ABSOLUTE_VALUE"),
}
_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}

Alert = Mapping[str, Any]
"""One item of the property `notifications`."""


def check(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Yield the notifications that the API would refuse: a rule of the table."""
    alerts: list[Any] = inputs.get("notifications") or []
    if has_unknown(alerts):
        return
    for index, alert in enumerate(alerts):
        for name, known in _CHOICES.items():
            if alert[name] not in known:
                yield f"notifications[{index}].{name}", f"expected one of {', '.join(known)}; got {alert[name]!r}"
        if not any(alert.get(name) for name in _SUBSCRIBERS):
            yield f"notifications[{index}]", f"has nobody to tell; give one of {', '.join(_SUBSCRIBERS)}"


def write(action: Action) -> None:
    """Bring AWS's notifications to those of `action.props`."""
    wanted: list[Alert] = action.props.get("notifications") or []
    found = _alerts(action)
    for alert in _missing(found, wanted):
        action.api("delete_notification", **_budget(action), Notification=_notification(alert))
    for alert in _missing(wanted, found):
        action.api(
            "create_notification",
            **_budget(action),
            Notification=_notification(alert),
            Subscribers=_subscribers(alert),
        )


def read(action: Action, _: Properties) -> Properties:
    """Return the property `notifications` as AWS has it."""
    return {"notifications": _alerts(action)}


def _budget(action: Action) -> dict[str, str]:
    return {"AccountId": action.value("account"), "BudgetName": action.props["name"]}


def _notification(alert: Alert) -> dict[str, Any]:
    return {**{member: alert[name] for name, member in _MEMBERS.items()}, "Threshold": float(alert["threshold"])}


def _subscribers(alert: Alert) -> list[dict[str, str]]:
    by_kind: dict[str, list[str]] = {kind: alert.get(name) or [] for name, kind in _SUBSCRIBERS.items()}
    return [
        {"SubscriptionType": kind, "Address": address} for kind, addresses in by_kind.items() for address in addresses
    ]


def _missing(alerts: list[Alert], others: list[Alert]) -> list[Alert]:
    known = {_key(other) for other in others}
    return [alert for alert in alerts if _key(alert) not in known]


def _key(alert: Alert) -> str:
    return canonical({**alert, "threshold": float(alert["threshold"])})


def _alerts(action: Action) -> list[Alert]:
    client = action.aws.client("budgets", action.region)
    pages = client.get_paginator("describe_notifications_for_budget").paginate(**_budget(action))
    return [_alert(action, found) for found in pages.build_full_result().get("Notifications", [])]


def _alert(action: Action, found: Mapping[str, Any]) -> Alert:
    # AWS leaves the type of a threshold out where it is a percentage.
    alert = {name: found.get(member, "PERCENTAGE") for name, member in _MEMBERS.items()}
    client = action.aws.client("budgets", action.region)
    pages = client.get_paginator("describe_subscribers_for_notification").paginate(
        **_budget(action), Notification=_notification(alert)
    )
    subscribers: list[dict[str, str]] = pages.build_full_result().get("Subscribers", [])
    by_kind = {
        name: [each["Address"] for each in subscribers if each["SubscriptionType"] == kind]
        for name, kind in _SUBSCRIBERS.items()
    }
    return {**alert, **{name: addresses for name, addresses in by_kind.items() if addresses}}
