"""The stacks of this repository break no rule, and a stack that does is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.plan_check import PlanRefusedError
from infra.constraints import PlannedResource, violations
from infra.pricing import estimate
from infra.spec import TenantSpec, load_estate
from stacks.outputs import CellOutputs, PlatformOutputs
from stacks.platform import build_platform
from tenant_stacks.tenant import build_tenant
from tests.components.recorder import Recorder, record

_ROOT = Path(__file__).parents[3]
ESTATE = load_estate(_ROOT / "stacks" / "platform.yaml", _ROOT / "tenant_stacks" / "specs")
OUTPUTS = PlatformOutputs(
    stage=ESTATE.platform.stage,
    account=ESTATE.platform.account,
    region=ESTATE.platform.region,
    cells={
        cell.name: CellOutputs(
            vpc_id=f"vpc-{cell.name}", cidr=str(cell.cidr), endpoint_security_group_id="sg-1", shared_endpoint_ids={}
        )
        for cell in ESTATE.platform.cells
    },
    serving_image_urls={"sklearn": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/serving-sklearn"},
    alerts_topic_arn="arn:aws:sns:eu-central-1:123456789012:bh-dev-platform-alerts",
    blueprint_version="0",
)


def _artifact(_: Mapping[str, Any]) -> dict[str, Any]:
    return {"metadata": {"bulkhead-sha256": "ab" * 32}}


def _tenant(tenant: TenantSpec) -> Recorder:
    build: Callable[[], None] = lambda: build_tenant(ESTATE.platform, tenant, OUTPUTS, serve=True)  # noqa: E731
    return record(build, {"aws:s3/getObject:getObject": _artifact})


STACKS: Mapping[str, Callable[[], Recorder]] = {
    "platform": lambda: record(lambda: build_platform(ESTATE.platform)),
    **{name: (lambda tenant=tenant: _tenant(tenant)) for name, tenant in ESTATE.tenants.items()},
}


@pytest.fixture(scope="module", params=STACKS)
def planned(request: pytest.FixtureRequest) -> list[PlannedResource]:
    """The resources of one stack of the demo, as its program registers them."""
    recorder = STACKS[str(request.param)]()
    return [PlannedResource(type=one.type, name=one.name, properties=one.inputs) for one in recorder.resources]


def test_no_resource_breaks_a_rule(planned: list[PlannedResource]) -> None:
    """What the demo deploys is what AWS takes, as far as one resource shows it."""
    assert len(planned) > 50
    assert [str(violation) for resource in planned for violation in violations(resource)] == []


def test_every_resource_has_a_price_or_is_known_to_be_free(planned: list[PlannedResource]) -> None:
    """The estimate of the demo leaves nothing out in silence."""
    found = estimate(planned, region=ESTATE.platform.region)
    assert found.unpriced == ()
    assert found.usd_month > 0


def test_a_program_that_breaks_a_rule_is_refused() -> None:
    """Broken twin: a spec that did not come through the loader is stopped by the check inside the program."""
    tenant = ESTATE.tenants["acme"]
    broken = tenant.model_copy(
        update={"monthly_budget": tenant.monthly_budget.model_copy(update={"alert_percent": (80, 80)})}
    )
    with pytest.raises(PlanRefusedError) as caught:
        _tenant(broken)
    assert [violation.rule.id for violation in caught.value.violations] == ["budgets"]
