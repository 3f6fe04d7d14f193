"""Resources are counted against the quotas that they use, where they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.planned import UNKNOWN
from infra.quotas.counting import NEW, Place, Resource, added, counted
from infra.quotas.profiles import largest, profile_of, recorded
from tests.quotas.samples import REGION, profile, resource, stack

_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_INTERFACE = {"vpcEndpointType": "Interface", "vpcId": "vpc-1", "subnetIds": ["a", "b", "c"]}
_COUNTS = st.dictionaries(st.sampled_from([Place("iam_roles"), Place("buckets"), Place("kms_keys")]), st.integers(0, 9))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (resource("aws:iam/role:Role"), {Place("iam_roles"): 1}),
        (
            resource("aws:iam/policy:Policy", "p", policy='{"Version": "2012-10-17", "Statement": []}'),
            {Place("iam_policies"): 1, Place("managed_policy_characters", "p"): 39},
        ),
        (resource("aws:iam/policy:Policy", policy=UNKNOWN), {Place("iam_policies"): 1}),
        (
            resource("aws:ec2/vpc:Vpc", "x", "vpc-1"),
            {
                Place("vpcs_per_region"): 1,
                Place("security_groups_per_region"): 1,
                Place("route_tables_per_vpc", "vpc-1"): 1,
            },
        ),
        (
            resource("aws:ec2/vpcEndpoint:VpcEndpoint", **_INTERFACE),
            {Place("interface_endpoints_per_vpc", "vpc-1"): 1, Place("network_interfaces_per_region"): 3},
        ),
        (resource("aws:ec2/vpcEndpoint:VpcEndpoint", vpcId="vpc-1"), {Place("gateway_endpoints_per_region"): 1}),
        (resource("aws:ec2/subnet:Subnet", vpcId=UNKNOWN), {Place("subnets_per_vpc", NEW): 1}),
        (
            resource("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", securityGroupId="sg-1"),
            {Place("rules_per_security_group", "sg-1 egress"): 1},
        ),
        (resource("bulkhead:component:PrivateBucket"), {}),
    ],
    ids=lambda each: each.type if isinstance(each, Resource) else "",
)
def test_each_type_uses_its_quotas(made: Resource, expected: dict[Place, int]) -> None:
    assert counted([made]) == expected


@pytest.mark.parametrize(
    ("most", "name", "expected"),
    [(None, "bh-acme", 2), (5, "bh-acme", 5), (1, "bh-acme", 2), (5, "bh-other", 2)],
    ids=["no scaling", "scales up", "less than at first", "another endpoint's scaling"],
)
@pytest.mark.parametrize("configuration", ["c-1", UNKNOWN], ids=["known", "not known yet"])
def test_an_endpoint_counts_with_the_most_it_is_scaled_to(
    configuration: object, most: int | None, name: str, expected: int
) -> None:
    variant = {"variantName": "main", "instanceType": "ml.m5.large", "initialInstanceCount": 2}
    resources = [
        resource(_CONFIGURATION, "tumour", name=configuration, productionVariants=[variant]),
        resource(_ENDPOINT, "tumour", name="bh-acme", endpointConfigName=configuration),
    ]
    if most is not None:
        target = f"endpoint/{name}/variant/main"
        resources.append(resource("aws:appautoscaling/target:Target", resourceId=target, maxCapacity=most))
    found = counted(resources)
    assert found[Place("endpoint_instances_of_type", "ml.m5.large")] == expected
    assert found[Place("endpoint_instances")] == expected


@pytest.mark.parametrize(("cells", "endpoints", "expected"), [(1, 6, 6), (10, 60, 6), (3, 7, 3)])
def test_what_is_in_several_new_vpcs_counts_as_their_average(cells: int, endpoints: int, expected: int) -> None:
    """Ten cells of six endpoints each do not break a quota of fifty in one VPC."""
    vpcs = [resource("aws:ec2/vpc:Vpc", f"cell{number}") for number in range(cells)]
    inside = {"vpcEndpointType": "Interface", "vpcId": UNKNOWN}
    made = counted([*vpcs, *(resource("aws:ec2/vpcEndpoint:VpcEndpoint", **inside) for _ in range(endpoints))])
    assert made[Place("interface_endpoints_per_vpc", NEW)] == expected
    assert made[Place("vpcs_per_region")] == cells


def test_a_configuration_that_no_endpoint_uses_takes_no_instances() -> None:
    variant = {"variantName": "main", "instanceType": "ml.m5.large", "initialInstanceCount": 2}
    assert counted([resource(_CONFIGURATION, "old", name="c-0", productionVariants=[variant])]) == {}


@given(_COUNTS, _COUNTS)
def test_a_change_takes_what_it_adds(before: dict[Place, int], after: dict[Place, int]) -> None:
    found = added(before, after)
    for place in {*before, *after}:
        assert found[place] == max(0, after.get(place, 0) - before.get(place, 0))


def test_a_changed_document_counts_whole() -> None:
    place = Place("managed_policy_characters", "p")
    assert added({place: 6000}, {place: 6100}) == {place: 6100}


def test_a_tenant_of_the_pool_comes_into_its_cell_and_a_silo_into_none() -> None:
    """What they take of their own groups and VPC bounds no other tenant."""
    assert profile("acme").in_cell == {
        Place("interface_endpoints_per_vpc"): 2,
        Place("route_tables_per_vpc"): 1,
        Place("subnets_per_vpc"): 3,
        Place("rules_per_security_group", "ingress"): 1,
    }
    assert profile("globex").in_cell == {}
    assert profile("globex").takes[Place("vpcs_per_region")] == 1


@pytest.mark.parametrize(("tier", "owner"), [("pool", "acme"), ("silo", "globex")])
def test_the_recorded_tenants_are_those_of_the_recorded_stacks(tier: str, owner: str) -> None:
    shipped, made = recorded()[tier], profile(owner)
    assert (shipped.takes, shipped.in_cell) == (made.takes, made.in_cell)
    assert shipped.usd_month == pytest.approx(made.usd_month)


def test_the_largest_of_some_tenants_takes_what_any_of_them_does() -> None:
    small = profile_of(stack("initech"), source="initech", region=REGION)
    both = largest([small, profile("acme")])
    for place in {*small.takes, *profile("acme").takes}:
        assert both.takes[place] == max(small.takes.get(place, 0), profile("acme").takes.get(place, 0))
    assert both.source == "acme, initech"


def test_what_is_of_another_kind_than_expected_is_not_known() -> None:
    odd: Any = ["no variant", {"instanceType": 7}]
    resources = [
        resource(_CONFIGURATION, "tumour", name="c", productionVariants=odd),
        resource(_ENDPOINT, "tumour", name="e", endpointConfigName="c"),
    ]
    assert counted(resources) == {}
