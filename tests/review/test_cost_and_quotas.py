"""What a change costs, charge by charge, and how full it makes the quotas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.proof.facts import Record, Source
from infra.review.cost import compared
from infra.review.quotas import quota_use
from infra.spec import Estate, PlatformSpec, TenantSpec
from tests.components.specs import PLATFORM, model, tenant


def _record(token: str, called: str, **properties: Any) -> Record:
    return Record(token, properties, Source("p/s", f"urn:pulumi:s::p::{token}::{called}"))


def _endpoint(instance_type: str, count: int) -> list[Record]:
    variant = {"instanceType": instance_type, "initialInstanceCount": count, "variantName": "blue"}
    configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    return [
        _record(configuration, "tumour", name="c", productionVariants=[variant]),
        _record("aws:sagemaker/endpoint:Endpoint", "tumour", name="e", endpointConfigName="c"),
    ]


def test_another_instance_type_is_two_charges() -> None:
    """The one that goes and the one that comes, by the dated table; what stays is not told."""
    key = _record("aws:kms/key:Key", "key")
    costs = compared([key, *_endpoint("ml.m5.large", 2)], [key, *_endpoint("ml.m5.xlarge", 2)], region="eu-central-1")
    assert round(costs.after - costs.before, 2) == 201.48
    assert [(each.item, round(each.before or 0, 2), round(each.after or 0, 2)) for each in costs.changes] == [
        ("ml.m5.xlarge instances", 0.0, 402.96),
        ("ml.m5.large instances", 201.48, 0.0),
    ]
    assert any("2025-10-01" in note for note in costs.notes)


def test_nothing_changed_costs_nothing() -> None:
    """The control."""
    costs = compared(_endpoint("ml.m5.large", 2), _endpoint("ml.m5.large", 2), region="eu-central-1")
    assert (costs.changes, costs.after) == ((), costs.before)


def test_what_has_no_price_is_told_as_not_known() -> None:
    """An instance type that the table lacks is a change of an unknown sum, and not of none."""
    costs = compared(_endpoint("ml.m5.large", 2), _endpoint("ml.new.large", 2), region="eu-central-1")
    (new,) = [each for each in costs.changes if each.after != 0.0]
    assert (new.after, costs.after) == (None, 0.0)
    assert "no price of ml.new.large" in new.note


def _estate(platform: PlatformSpec, *tenants: TenantSpec) -> Estate:
    return Estate(
        platform=platform,
        tenants={each.id: each for each in tenants},
        platform_file=Path("platform.yaml"),
        tenant_files={},
    )


def test_quotas_before_and_after() -> None:
    """A tenant fills the cell and the Region, a model its tenant's own quota; the tightest comes first."""
    acme = tenant("acme")
    more = tenant(
        "acme", models=[model(), model(name="second")], quotas={"max_models": 2, "max_endpoint_instances": 20}
    )
    after = _estate(PLATFORM, more, tenant("initech"))
    found = {(each.scope, each.quota): each for each in quota_use(_estate(PLATFORM, acme), after, ["acme", "initech"])}
    cell = found["cell main", "tenants (by interface_endpoints_per_vpc)"]
    assert (cell.before, cell.after, cell.limit) == (1, 2, 22)
    models = found["acme", "max_models"]
    assert (models.before, models.after, models.limit, models.share) == (1, 2, 2, 1.0)
    assert (found["initech", "max_models"].before, found["initech", "max_models"].after) == (0, 1)
    assert found["Region", "gateway_endpoints_per_region"].after == 2
    assert next(iter(found)) == ("acme", "max_models")


def test_without_the_specs_of_before() -> None:
    """Where those cannot be read any more, it is not known how much was used."""
    assert {each.before for each in quota_use(None, _estate(PLATFORM, tenant()), ["acme"])} == {None}
