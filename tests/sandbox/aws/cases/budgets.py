"""Contract cases of AWS Budgets."""

from __future__ import annotations

from .case import Case, Clients, Inputs, Outputs

_ACCOUNT = "123456789012"
_TOPIC = "arn:aws:sns:eu-central-1:123456789012:alerts"


def _alert(threshold: float, *addresses: str, kind: str = "ACTUAL") -> Inputs:
    return {
        "notification_type": kind,
        "comparison_operator": "GREATER_THAN",
        "threshold": threshold,
        "threshold_type": "PERCENTAGE",
        "subscriber_email_addresses": list(addresses),
        "subscriber_sns_topic_arns": [_TOPIC],
    }


def _mute(boto: Clients, budget: Outputs) -> None:
    target = {"AccountId": _ACCOUNT, "BudgetName": budget["name"]}
    for alert in boto("budgets").describe_notifications_for_budget(**target)["Notifications"]:
        boto("budgets").delete_notification(**target, Notification=alert)


CASES = (
    Case(
        type="aws:budgets/budget:Budget",
        inputs=lambda _: {
            "name": "contract-one",
            "budget_type": "COST",
            "time_unit": "MONTHLY",
            "limit_amount": "100",
            "limit_unit": "USD",
            "cost_filters": [{"name": "TagKeyValue", "values": ["user:tenant$one"]}],
            "notifications": [_alert(80, "one@example.com"), _alert(100, "one@example.com", kind="FORECASTED")],
            "tags": {"owner": "one"},
        },
        update=lambda _: {
            "limit_amount": "150.50",
            "time_period_start": "2027-01-01_00:00",
            "cost_filters": [{"name": "Service", "values": ["Amazon SageMaker"]}],
            "notifications": [_alert(80, "one@example.com", "two@example.com"), _alert(99.5, "one@example.com")],
            "tags": {"team": "two"},
        },
        replace=lambda _: {"name": "contract-two"},
        tamper=_mute,
        tampered="notifications",
        left=lambda boto: {
            budget["BudgetName"] for budget in boto("budgets").describe_budgets(AccountId=_ACCOUNT).get("Budgets", [])
        },
    ),
)
