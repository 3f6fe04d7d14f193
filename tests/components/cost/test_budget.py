"""What a tenant's budget says to AWS."""

from __future__ import annotations

from components.cost.budget import TenantBudget, TenantBudgetArgs
from infra.tags import tenant_tags
from tests.components.recorder import record
from tests.components.specs import PLATFORM, tenant

TOPIC = "arn:aws:sns:eu-central-1:123456789012:bh-dev-acme-alerts"


def test_the_budget_counts_the_tenants_tag_and_alerts_people_and_topic() -> None:
    """The limit is the spec's, the filter is the tag that every resource of the tenant has, and alerts go to all."""
    owner = tenant(monthly_budget={"limit_usd": 1234.5, "alert_percent": [50, 90], "contacts": ["a@b.example"]})
    args = TenantBudgetArgs(platform=PLATFORM, tenant=owner, alerts_topic_arn=TOPIC)
    budget = record(lambda: (TenantBudget("budget", args), None)[1]).one("budgets/budget:Budget")
    assert (budget["limitAmount"], budget["limitUnit"], budget["timeUnit"]) == ("1234.50", "USD", "MONTHLY")
    (key, value), *_ = [(k, v) for k, v in tenant_tags(PLATFORM, owner).items() if v == owner.id]
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": [f"user:{key}${value}"]}]
    alerts = {(n["notificationType"], n["threshold"]) for n in budget["notifications"]}
    assert alerts == {("ACTUAL", 50), ("ACTUAL", 90), ("FORECASTED", 100)}
    assert all(
        (n["subscriberEmailAddresses"], n["subscriberSnsTopicArns"]) == (["a@b.example"], [TOPIC])
        for n in budget["notifications"]
    )
