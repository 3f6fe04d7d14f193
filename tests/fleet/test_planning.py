"""Plans: each tenant in one wave or left out with a reason, canaries first, every tier and Region in its share."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import UserError
from infra.fleet import FleetNotReady, FleetTenant, Plan, Policy, SetAside, plan_rollout
from tests.fleet.fleets import NEW, REGIONS, fleets, policies, tenant


def _everybody(plan: Plan) -> list[str]:
    planned = [one.tenant for wave in plan.waves for one in wave.tenants]
    return [*planned, *(one.tenant for one in plan.left_out)]


@settings(deadline=None)
@given(st.data())
def test_each_tenant_once_and_canaries_first(data: st.DataObject) -> None:
    """Every tenant is in one wave or left out with a reason, once; canaries are in the first wave and alone in it."""
    fleet = data.draw(fleets())
    policy = data.draw(policies(fleet))
    aside = [one.id for one in fleet if data.draw(st.booleans())][:3]
    plan = plan_rollout(
        fleet, NEW, policy, set_aside=[SetAside(tenant=name, by="ops", reason="its owner asked") for name in aside]
    )
    assert sorted(_everybody(plan)) == sorted(one.id for one in fleet)
    assert all(wave.tenants for wave in plan.waves)
    assert {one.tenant for one in plan.left_out} == {*aside, *(one.id for one in fleet if one.version == NEW)}
    planned = {one.tenant for wave in plan.waves for one in wave.tenants}
    if canaries := planned & {*policy.canaries}:
        assert {one.tenant for one in plan.waves[0].tenants} == canaries
        assert plan.waves[0].tolerated == 0


@settings(deadline=None)
@given(fleets(), st.integers(0, 59))
def test_the_order_of_the_fleet_does_not_matter(fleet: list[FleetTenant], turn: int) -> None:
    """The same fleet in another order is the same plan, so that a record fits it."""
    policy = Policy()
    turned = fleet[turn:] + fleet[:turn]
    assert plan_rollout(turned, NEW, policy) == plan_rollout(fleet, NEW, policy)
    assert plan_rollout(turned, NEW, policy).digest == plan_rollout(fleet, NEW, policy).digest


@settings(deadline=None)
@given(st.dictionaries(st.tuples(st.sampled_from(["pool", "silo"]), st.sampled_from(REGIONS)), st.integers(1, 60)))
def test_every_wave_has_its_share_of_each_tier_and_region(sizes: dict[tuple[str, str], int]) -> None:
    """After the wave to 25 %, a quarter of every group is done, give or take one tenant."""
    names = iter(f"t{number}" for number in range(1, 1000))
    fleet = [
        tenant(next(names), tier=tier, region=region) for (tier, region), size in sizes.items() for _ in range(size)
    ]
    plan = plan_rollout(fleet, NEW, Policy(shares=(25,)))
    first = Counter((one.tier, one.region) for wave in plan.waves[:-1] for one in wave.tenants)
    for group, size in sizes.items():
        assert abs(first[group] - size / 4) <= 1
    if fleet:
        assert sum(first.values()) == -(-len(fleet) // 4) % len(fleet)


def test_a_hundred_tenants() -> None:
    """Two canaries, then 5 %, 25 % and all of the 98 others, the shares counted from the first of these."""
    fleet = [tenant(f"t{number}", region=REGIONS[number % 3]) for number in range(100)]
    plan = plan_rollout(fleet, NEW, Policy(canaries=("t1", "t99"), approval="after the first"))
    assert [(wave.name, len(wave.tenants), wave.approval) for wave in plan.waves] == [
        ("canaries", 2, False),
        ("5 %", 5, True),
        ("25 %", 20, True),
        ("all", 73, True),
    ]


def test_not_always_the_same_tenants_come_first() -> None:
    """Another version draws other tenants for its first share."""
    fleet = [tenant(f"t{number}") for number in range(100)]
    firsts = [plan_rollout(fleet, version, Policy()).waves[0].tenants for version in ("1.1.0", "1.2.0", "1.3.0")]
    assert len({tuple(sorted(one.tenant for one in first)) for first in firsts}) == 3


@pytest.mark.parametrize("changes", [{"version": None}, {"condition": "unknown"}])
def test_an_unknown_tenant_refuses_the_plan(changes: dict[str, object]) -> None:
    """It is named; set aside by somebody, or not selected, it is in the plan with that reason; known, it is planned."""
    fleet = [tenant("acme", **changes), tenant("globex")]
    with pytest.raises(FleetNotReady, match=r"acme.*unknown") as refused:
        plan_rollout(fleet, NEW, Policy())
    assert [name for name, _ in refused.value.tenants] == ["acme"]
    aside = plan_rollout(fleet, NEW, Policy(), set_aside=[SetAside(tenant="acme", by="ops", reason="mending it")])
    assert [(one.tenant, one.kind, one.why) for one in aside.left_out] == [
        ("acme", "set aside", "mending it (says ops)")
    ]
    other = plan_rollout(fleet, NEW, Policy(), selected=lambda one: one.id != "acme")
    assert [(one.tenant, one.kind) for one in other.left_out] == [("acme", "not selected")]
    assert not plan_rollout([tenant("acme"), tenant("globex")], NEW, Policy()).left_out


@pytest.mark.parametrize("condition", ["unhealthy", "unfinished"])
def test_a_broken_tenant_blocks_the_others_only_where_asked(condition: str) -> None:
    """It is set aside with the reason, or refuses the plan where the policy says so."""
    fleet = [tenant("acme", condition=condition), tenant("globex")]
    plan = plan_rollout(fleet, NEW, Policy())
    assert [one.tenant for wave in plan.waves for one in wave.tenants] == ["globex"]
    assert [(one.kind, one.why) for one in plan.left_out] == [("set aside", f"it is {condition} before the rollout")]
    with pytest.raises(FleetNotReady, match=condition):
        plan_rollout(fleet, NEW, Policy(broken="refuse"))


def test_mistakes_are_told() -> None:
    """A canary that is no tenant, a tenant twice, and shares that fall."""
    with pytest.raises(UserError, match="canaries: nobody is no tenant"):
        plan_rollout([tenant("acme")], NEW, Policy(canaries=("nobody",)))
    with pytest.raises(UserError, match="twice"):
        plan_rollout([tenant("acme"), tenant("acme")], NEW, Policy())
    with pytest.raises(UserError, match="do not rise"):
        plan_rollout([tenant("acme")], NEW, Policy(shares=(25, 5)))
