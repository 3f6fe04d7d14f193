"""A plan that does not fit is refused before anything is made, and one that just fits is not."""

from __future__ import annotations

import pytest

from infra.quotas.check import check
from infra.quotas.counting import Place, added, counted
from infra.quotas.limits import Applied, Limits, Origin
from infra.quotas.present import Present
from tests.quotas.samples import REGION, basis, resource, stack

_GATEWAYS = Place("gateway_endpoints_per_region")
_TYPE = Place("endpoint_instances_of_type", "ml.m5.large")
_FOUR_OF_TYPE = Limits(region=REGION, applied={_TYPE: Applied(value=4, code="L-01234567")})


@pytest.mark.parametrize(("used", "refused"), [(18, False), (19, False), (20, True), (21, True)])
def test_the_twentieth_gateway_endpoint_fits_and_the_next_does_not(used: int, refused: bool) -> None:
    found = check({_GATEWAYS: 1}, Limits(region=REGION), Present({_GATEWAYS: used}))
    assert bool(found.refusals) == refused
    assert found.not_known == ()


def test_a_refusal_says_which_quota_how_many_are_left_how_many_fit_and_what_to_ask_for() -> None:
    found = check({_GATEWAYS: 3}, Limits(region=REGION), Present({_GATEWAYS: 18}), fits={"pool": 2, "silo": None})
    (refusal,) = found.refusals
    assert (refusal.limit, refusal.used, refusal.wanted, refusal.left) == (20, 18, 3, 2)
    assert str(refusal) == (
        "Gateway VPC endpoints per Region: 3 more are wanted, and 2 are left of 20 (18 used; default limit); "
        "more tenants that fit: 2 of tier pool, any number of tier silo"
    )
    assert refusal.remedy == (
        "aws service-quotas request-service-quota-increase --service-code vpc --quota-code L-1B52E74A "
        "--desired-value 21 --region eu-central-1"
    )


@pytest.mark.parametrize(("used", "refused"), [(0, False), (1, True)])
def test_instances_are_checked_by_their_type(used: int, refused: bool) -> None:
    """Acme may scale to four ml.m5.large: the whole quota of this account."""
    wanted = added({}, counted(stack("acme")))
    found = check(wanted, _FOUR_OF_TYPE, Present({_TYPE: used}))
    assert [each.place for each in found.refusals] == [_TYPE] * refused
    assert all(each.origin is Origin.APPLIED for each in found.refusals)


def test_a_cell_that_is_full_refuses_and_another_does_not() -> None:
    cell, other = Place("interface_endpoints_per_vpc", "vpc-1"), Place("interface_endpoints_per_vpc", "vpc-2")
    present = Present({cell: 49, other: 48})
    refused = check({cell: 2, other: 2}, Limits(region=REGION), present).refusals
    assert [each.place for each in refused] == [cell]
    assert "(vpc-1)" in str(refused[0])


@pytest.mark.parametrize(("characters", "refused"), [(6144, False), (6145, True)])
def test_a_policy_is_refused_by_its_size(characters: int, refused: bool) -> None:
    filler = "x" * (characters - len('{"Sid":""}'))
    policy = resource("aws:iam/policy:Policy", "boundary", policy=f'{{ "Sid": "{filler}" }}')
    found = check(counted([policy]), Limits(region=REGION), Present({}))
    assert [each.place.at for each in found.refusals] == ["boundary"] * refused


def test_what_is_not_known_is_told_and_never_taken_for_room() -> None:
    present = Present({_GATEWAYS: 20}, {"gateway_endpoints_per_region": "denied", "iam_roles": "denied"})
    found = check({_TYPE: 1, _GATEWAYS: 1, Place("iam_roles"): 5}, Limits(region=REGION), present)
    assert {each.place.quota: each.why for each in found.not_known} == {
        "endpoint_instances_of_type": "its limit: AWS publishes no default, and the account has none",
        "gateway_endpoints_per_region": "how much is used: denied",
        "iam_roles": "how much is used: denied",
    }
    assert [each.place for each in found.refusals] == [_GATEWAYS]


def test_a_stack_that_stays_as_it_is_always_fits() -> None:
    """Its resources are in use already, also where an account is full."""
    acme = counted(stack("acme"))
    full = Limits(region=REGION, spec=dict.fromkeys(ServiceLimits, 0))
    wanted = {place: count for place, count in added(acme, acme).items() if place.quota != "managed_policy_characters"}
    assert wanted == {}
    assert check(wanted, full, Present(acme)).refusals == ()
    assert check(added({}, acme), full, Present(acme)).refusals


ServiceLimits = ("vpcs_per_region", "gateway_endpoints_per_region", "interface_endpoints_per_vpc")


def test_the_demo_fits_into_a_new_account() -> None:
    """All that platform and both tenants make, against AWS's defaults."""
    everything = counted([each for owner in ("platform", "acme", "globex") for each in stack(owner)])
    assert check(everything, Limits(region=REGION), Present({})).refusals == ()
    assert basis("acme", "globex").fits()["pool"] == 18
