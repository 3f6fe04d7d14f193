"""Who may publish to an alerts topic."""

from __future__ import annotations

from typing import Any

import pytest

from infra.policies.topic import alerts_topic
from infra.spec.tenant import TenantSpec
from tests.components.specs import PLATFORM, tenant


def _allows(owner: TenantSpec | None) -> list[dict[str, Any]]:
    return [s for s in alerts_topic(PLATFORM, owner).to_json()["Statement"] if s["Effect"] == "Allow"]


@pytest.mark.parametrize(("owner", "name"), [(tenant(), "acme"), (None, "platform")], ids=["tenant", "platform"])
def test_only_services_of_this_account_publish_and_only_for_the_owners_alarms(
    owner: TenantSpec | None, name: str
) -> None:
    """CloudWatch publishes for the owner's alarms and Budgets for the account's budgets; both name their source."""
    allows = {statement["Principal"]["Service"]: statement for statement in _allows(owner)}
    assert allows.keys() == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    for statement in allows.values():
        assert statement["Action"] == "sns:Publish"
        assert statement["Resource"] == f"arn:aws:sns:eu-central-1:123456789012:bh-dev-{name}-alerts"
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    alarms = allows["cloudwatch.amazonaws.com"]["Condition"]["ArnLike"]["aws:SourceArn"]
    assert alarms == f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:bh-dev-{name}-*"


def test_a_tenants_pattern_does_not_cover_a_tenant_whose_id_extends_it() -> None:
    """The prefix of acme ends in a hyphen, so the alarms of acmeeu cannot publish to acme's topic."""
    patterns = [s["Condition"]["ArnLike"]["aws:SourceArn"] for s in _allows(tenant("acme"))]
    assert all("bh-dev-acme-*" in p for p in patterns if ":alarm:" in p)
    assert not any("bh-dev-acmeeu" in p for p in patterns)


def test_everybody_must_use_tls() -> None:
    """Plain connections are denied to all."""
    (deny,) = (s for s in alerts_topic(PLATFORM, tenant()).to_json()["Statement"] if s["Effect"] == "Deny")
    assert deny["Principal"] == "*"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
