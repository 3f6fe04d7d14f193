"""Rollouts in worlds where anything fails: nothing is upgraded after a halt, and a crash changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import UserError
from infra.fleet import (
    Action,
    Answered,
    Await,
    Ended,
    Finished,
    Halted,
    Plan,
    Policy,
    Record,
    Run,
    Started,
    append,
    begin,
    decide,
    plan_rollout,
    standings,
)
from infra.fleet.model import ActionKind, Outcome
from tests.fleet.fleets import IDS, NEW, OLD, World, carry_out, fleets, policies, tenant

_KINDS: tuple[ActionKind, ...] = ("check", "upgrade", "verify", "roll back")
_BAD: tuple[Outcome, ...] = ("failed", "unknown")

Outcomes = dict[tuple[ActionKind, str], Outcome]


@st.composite
def rollouts(draw: st.DrawFn) -> tuple[Plan, Outcomes]:
    """A plan, and what goes wrong in it: mostly little."""
    fleet = draw(fleets(most=14))
    plan = plan_rollout(fleet, NEW, draw(policies(fleet)))
    keys = st.tuples(st.sampled_from(_KINDS), st.sampled_from(IDS[:14]))
    bad: Outcomes = draw(st.dictionaries(keys, st.sampled_from(_BAD), max_size=4))
    return plan, bad


def _entries(record: Record, kind: ActionKind) -> list[str]:
    return [one.action.tenant for one in record.entries if isinstance(one, Ended) and one.action.kind == kind]


@settings(deadline=None)
@given(rollouts(), st.integers(1, 5))
def test_every_tenant_ends_in_a_version_that_is_told(rollout: tuple[Plan, Outcomes], parallel: int) -> None:
    """What the standings say of a tenant is what it runs; only a stuck one is half-way, and then the rollout halted."""
    plan, bad = rollout
    world = World.of(plan, bad)
    record, end = carry_out(plan, world, parallel=parallel)
    formers = {one.tenant: one.former for wave in plan.waves for one in wave.tenants}
    told = standings(plan, record)
    assert set(told) == {*formers, *(one.tenant for one in plan.left_out)}
    for name, former in formers.items():
        assert told[name] != "going on"
        if told[name] == "upgraded":
            assert world.versions[name] == NEW
        elif told[name] == "stuck":
            assert end.verdict == "halted"
        else:
            assert world.versions[name] == former
    assert end.passed == all(told[name] == "upgraded" for name in formers)
    if end.verdict != "halted":
        assert "waiting" not in told.values()


@settings(deadline=None)
@given(rollouts(), st.integers(1, 5))
def test_after_a_halt_nothing_is_upgraded(rollout: tuple[Plan, Outcomes], parallel: int) -> None:
    """Once too many failed, or an outcome is unknown, all that is begun are rollbacks."""
    plan, bad = rollout
    record, end = carry_out(plan, World.of(plan, bad), parallel=parallel)
    failed: Counter[int] = Counter()
    stopped = False
    for entry in record.entries:
        if isinstance(entry, Started) and stopped:
            assert entry.action.kind == "roll back"
        if isinstance(entry, Ended) and entry.outcome != "passed":
            wave = entry.action.wave
            failed[wave] += entry.action.kind != "roll back"
            too_many = failed[wave] > plan.waves[wave].tolerated
            stopped = stopped or too_many or entry.outcome == "unknown" or entry.action.kind == "roll back"
    assert stopped == (end.verdict == "halted")


@settings(deadline=None)
@given(rollouts())
def test_waves_come_one_after_the_other(rollout: tuple[Plan, Outcomes]) -> None:
    """No step of a wave begins before the wave before it is over, and no upgrade before all previews of its wave."""
    plan, bad = rollout
    record, _ = carry_out(plan, World.of(plan, bad), parallel=3)
    started = [one.action for one in record.entries if isinstance(one, Started)]
    assert [one.wave for one in started] == sorted(one.wave for one in started)
    for number, wave in enumerate(plan.waves):
        kinds = [one.kind for one in started if one.wave == number]
        if "upgrade" in kinds:
            assert kinds[: len(wave.tenants)] == ["check"] * len(wave.tenants)


@settings(deadline=None, max_examples=60)
@given(rollouts(), st.sets(st.integers(0, 60), max_size=6))
def test_a_resumed_rollout_is_the_uninterrupted_one(rollout: tuple[Plan, Outcomes], crashes: set[int]) -> None:
    """Whenever the process dies, before or after an effect, the record leads to the same versions and verdict."""
    plan, bad = rollout
    calm, stormy = World.of(plan, bad), World.of(plan, bad)
    moments = iter(range(10_000))
    record, end = carry_out(plan, calm)
    resumed, resumed_end = carry_out(plan, stormy, crash=lambda: next(moments) in crashes)
    assert resumed_end == end
    assert stormy.versions == calm.versions
    assert standings(plan, resumed) == standings(plan, record)
    assert [one for one in resumed.entries if isinstance(one, Ended)] == [
        one for one in record.entries if isinstance(one, Ended)
    ]


def _ten(policy: Policy) -> Plan:
    return plan_rollout([tenant(name) for name in IDS[:10]], NEW, policy)


def test_a_failing_tenant_is_set_aside_and_the_others_go_on() -> None:
    """Where one failure is tolerated, the failing tenant has its former version, the others the new one."""
    plan = _ten(Policy(tolerated=1))
    failing = plan.waves[-1].tenants[0].tenant
    world = World.of(plan, {("verify", failing): "failed"})
    record, end = carry_out(plan, world)
    assert (end.verdict, end.passed) == ("incomplete", False)
    assert world.versions == {name: OLD if name == failing else NEW for name in IDS[:10]}
    assert standings(plan, record)[failing] == "set aside"


@pytest.mark.parametrize(
    ("policy", "bad", "why"),
    [
        (Policy(shares=()), {("verify", "t003"): "failed"}, "t003 failed in wave 'all', which tolerates 0"),
        (Policy(shares=(), tolerated=5), {("verify", "t003"): "unknown"}, "nobody can tell how `verify` of t003 ended"),
        (
            Policy(shares=(), tolerated=5),
            {("upgrade", "t003"): "failed", ("roll back", "t003"): "failed"},
            "t003 could not be rolled back",
        ),
    ],
)
def test_a_halt_rolls_the_wave_back(policy: Policy, bad: Mapping[tuple[ActionKind, str], Outcome], why: str) -> None:
    """One failure too many, an outcome that nobody can tell, and a rollback that fails undo the wave's upgrades."""
    plan = _ten(policy)
    world = World.of(plan, bad)
    record, end = carry_out(plan, world, parallel=10)
    assert (end.verdict, end.why) == ("halted", why)
    stuck = {name for name, standing in standings(plan, record).items() if standing == "stuck"}
    assert stuck == ({"t003"} if ("roll back", "t003") in bad else set())
    assert {name for name, version in world.versions.items() if version != OLD} == stuck


def test_the_waves_before_a_halt_stay() -> None:
    """A halt in the last wave leaves what the waves before it have upgraded."""
    plan = _ten(Policy(canaries=("t000",), shares=(50,)))
    world = World.of(plan, {("verify", plan.waves[2].tenants[1].tenant): "failed"})
    _, end = carry_out(plan, world)
    assert end.verdict == "halted"
    upgraded = {name for name, version in world.versions.items() if version == NEW}
    assert upgraded == {one.tenant for wave in plan.waves[:2] for one in wave.tenants}


def test_a_wave_waits_for_its_approval() -> None:
    """Its previews and proofs run first; refused, nothing of it is upgraded; nobody approves early."""
    plan = _ten(Policy(canaries=("t000",), shares=(), approval="after the first"))
    world = World.of(plan, {})
    record, end = carry_out(plan, world, refuse=1)
    assert (end.verdict, end.why) == ("halted", "ops@example.com did not approve wave 'all'")
    assert {name for name, version in world.versions.items() if version == NEW} == {"t000"}
    assert len(_entries(record, "check")) == 10
    with pytest.raises(UserError, match="does not follow"):
        append(plan, begin(plan), Answered(wave=1, granted=True, by="early"))


def test_a_halt_by_hand() -> None:
    """In a wave it rolls that wave back; between two waves it ends the rollout and leaves what is done."""
    plan = _ten(Policy(canaries=("t000",), shares=(), approval="after the first"))
    halt = Halted(by="ops", reason="an incident")
    first = Action(kind="check", tenant="t000", wave=0)
    record = append(plan, begin(plan), Started(action=first))
    record = append(plan, record, Ended(action=first, outcome="passed"))
    upgrade = Action(kind="upgrade", tenant="t000", wave=0)
    halted = append(plan, append(plan, record, Started(action=upgrade)), halt)
    assert decide(plan, halted) == Run(actions=(Action(kind="roll back", tenant="t000", wave=0),))
    with pytest.raises(UserError, match="does not follow"):
        append(plan, halted, Started(action=upgrade))
    over, _ = carry_out(plan, World.of(plan, {}), refuse=1)
    waiting = over.model_copy(update={"entries": over.entries[:-1]})
    assert isinstance(decide(plan, waiting), Await)
    assert decide(plan, append(plan, waiting, halt)) == Finished(verdict="halted", why="ops halted it: an incident")


def test_a_halt_holds_while_a_tolerated_failure_is_rolled_back() -> None:
    """A wave that was going on at the halt does not count as over once its failures are rolled back."""
    plan = _ten(Policy(shares=(20,), tolerated=1))
    one, other = (each.tenant for each in plan.waves[0].tenants)
    world = World.of(plan, {("verify", other): "failed"})
    record, _ = carry_out(plan, world)
    back = next(
        index
        for index, each in enumerate(record.entries)
        if isinstance(each, Started) and each.action.kind == "roll back"
    )
    halted = append(plan, record.model_copy(update={"entries": record.entries[:back]}), Halted(by="ops", reason="stop"))
    for name in (other, one):
        action = Action(kind="roll back", tenant=name, wave=0)
        halted = append(plan, halted, Started(action=action))
        halted = append(plan, halted, Ended(action=action, outcome="passed"))
    assert decide(plan, halted) == Finished(verdict="halted", why="ops halted it: stop")


def test_a_record_of_another_plan_is_refused() -> None:
    """A plan that differs in anything is not gone on with."""
    with pytest.raises(UserError, match="another plan"):
        decide(_ten(Policy()), begin(_ten(Policy(tolerated=1))))


def test_set_aside_before_is_incomplete() -> None:
    """While a tenant is set aside no gate passes, even where every wave went well; without one it does."""
    fleet = [tenant("acme"), tenant("globex", condition="unhealthy")]
    plan = plan_rollout(fleet, NEW, Policy())
    _, end = carry_out(plan, World.of(plan, {}))
    assert (end.verdict, end.passed) == ("incomplete", False)
    whole = plan_rollout([tenant("acme"), tenant("globex")], NEW, Policy())
    _, end = carry_out(whole, World.of(whole, {}))
    assert (end.verdict, end.passed) == ("complete", True)
