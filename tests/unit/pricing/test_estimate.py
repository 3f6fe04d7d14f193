"""The cost of planned and existing resources: fixed charges add up, and nothing is free in silence."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.pricing import estimate, prices
from infra.pricing.charges import FIXED, FREE, USAGE
from infra.spec import load_estate

REGION = "eu-central-1"
HOURS = 730


@dataclass(frozen=True)
class Planned:
    """A resource of a plan."""

    type: str
    name: str = "x"
    properties: dict[str, Any] = field(default_factory=dict[str, Any])


def configuration(instance_type: object = "ml.m5.large", count: object = 2, name: object = "c-1") -> Planned:
    variant = {"variantName": "main", "instanceType": instance_type, "initialInstanceCount": count}
    properties = {"name": name, "productionVariants": [variant]}
    return Planned("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "tumour", properties)


def endpoint(config: object = "c-1") -> Planned:
    properties = {"name": "bh-dev-acme-tumour", "endpointConfigName": config}
    return Planned("aws:sagemaker/endpoint:Endpoint", "tumour", properties)


def interface(*subnets: str) -> Planned:
    properties = {"vpcEndpointType": "Interface", "subnetIds": list(subnets)}
    return Planned("aws:ec2/vpcEndpoint:VpcEndpoint", "kms", properties)


def test_an_endpoint_costs_its_instances() -> None:
    """Two ml.m5.large for a month; the configuration itself and the model cost nothing."""
    found = estimate([endpoint(), configuration(), Planned("aws:sagemaker/model:Model")], region=REGION)
    (line,) = found.lines
    assert (line.resource, line.quantity, line.unit_price) == ("tumour", 2 * HOURS, 0.138)
    assert found.usd_month == pytest.approx(2 * HOURS * 0.138)
    assert found.unpriced == ()


def test_autoscaling_is_told_and_not_summed() -> None:
    """The sum is that of the minimum; the line says what the maximum would cost."""
    target = Planned(
        "aws:appautoscaling/target:Target",
        properties={"resourceId": "endpoint/bh-dev-acme-tumour/variant/main", "maxCapacity": 4},
    )
    found = estimate([endpoint(), configuration(), target], region=REGION)
    assert found.usd_month == pytest.approx(2 * HOURS * 0.138)
    assert found.lines[0].note == f"up to 4 instances under load, {4 * HOURS * 0.138:,.2f} USD"


def test_a_configuration_without_an_endpoint_costs_nothing() -> None:
    """The configuration that an update leaves behind runs no instances."""
    old = configuration("ml.g5.xlarge", 8, "c-0")
    assert estimate([old, endpoint(), configuration()], region=REGION).usd_month == pytest.approx(2 * HOURS * 0.138)


def test_a_preview_knows_the_configuration_by_the_endpoints_own_name() -> None:
    """Before its name is known, the configuration that the program calls like the endpoint counts."""
    found = estimate([endpoint(object()), configuration(name=object())], region=REGION)
    assert found.usd_month == pytest.approx(2 * HOURS * 0.138)


@pytest.mark.parametrize(
    ("resources", "says"),
    [
        ([endpoint(), configuration("ml.x9.huge")], "no price of ml.x9.huge"),
        ([endpoint(), configuration(object())], "unknown instance type"),
        ([endpoint(), configuration(count=object())], ""),
        ([endpoint("other")], "configuration not known"),
        ([Planned("aws:rds/cluster:Cluster")], "no price here"),
        ([Planned("aws:ec2/vpcEndpoint:VpcEndpoint", "e", {"vpcEndpointType": "Interface"})], "zones is not known"),
    ],
)
def test_what_has_no_price_is_named(resources: list[Planned], says: str) -> None:
    """An unknown type, instance type or number is a line without a price and a note, never a silent zero."""
    found = estimate(resources, region=REGION)
    (line,) = found.unpriced
    assert says in line.note
    assert any(note.startswith(f"not in the sum: {line.item}") for note in found.notes)
    assert found.usd_month == 0


def test_fixed_charges() -> None:
    """An interface endpoint costs by zone, a key and an alarm by month, a gateway endpoint nothing."""
    gateway = Planned("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", {"vpcEndpointType": "Gateway"})
    key = Planned("aws:kms/key:Key", "key", {"enableKeyRotation": True})
    alarm = Planned("aws:cloudwatch/metricAlarm:MetricAlarm", "errors", {"statistic": "Sum"})
    found = estimate([interface("a", "b", "c"), gateway, key, alarm], region=REGION)
    assert [line.usd_month for line in found.lines] == [pytest.approx(3 * HOURS * 0.012), 1.0, 0.1]
    assert "rotation" in found.lines[1].note


def test_usage_is_named_once_with_its_price_and_not_summed() -> None:
    """Two buckets are one line of what is not included."""
    bucket = Planned("aws:s3/bucket:Bucket")
    found = estimate([bucket, bucket], region=REGION)
    assert found.usd_month == 0
    assert found.lines == ()
    assert found.not_included == ("storage in buckets, and their requests: 0.0245 USD per GB-month",)


def test_the_estimate_says_whose_prices_it_has() -> None:
    """Date and Region of the table are told, and that another Region has others."""
    here, elsewhere = estimate([], region=REGION), estimate([], region="eu-west-1")
    assert REGION in here.notes[0]
    assert str(prices().date) in here.notes[0]
    assert len(here.notes) == 1
    assert "eu-west-1" in elsewhere.notes[1]


def test_components_cost_nothing() -> None:
    """What is no resource of AWS is no line."""
    assert (
        estimate([Planned("bulkhead:component:TenantKey"), Planned("pulumi:providers:aws")], region=REGION).lines == ()
    )


@given(counts=st.lists(st.integers(1, 20), max_size=6))
def test_the_sum_is_that_of_its_lines(counts: list[int]) -> None:
    """Adding resources adds their cost, in any number."""
    resources = [interface(*map(str, range(count))) for count in counts]
    found = estimate(resources, region=REGION)
    assert found.usd_month == pytest.approx(sum(counts) * HOURS * 0.012)
    assert len(found.lines) == len(counts)


def test_each_type_is_charged_in_one_way() -> None:
    """No type is free and charged at once, and each price by use is in the table."""
    assert not FREE & (set(FIXED) | set(USAGE))
    for charges in USAGE.values():
        assert all(getattr(prices().usage, key) > 0 for _, key, _ in charges)


def test_the_demos_instance_types_have_a_price() -> None:
    """The specs of the repository are priced."""
    root = Path(__file__).parents[3]
    estate = load_estate(root / "stacks" / "platform.yaml", root / "tenant_stacks" / "specs")
    used = {model.instance_type for tenant in estate.tenants.values() for model in tenant.models}
    assert used <= set(prices().sagemaker_hosting_hour)
