"""Fleets, policies and worlds that hypothesis draws, and a runner that carries a rollout out in such a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hypothesis import strategies as st

from infra.fleet import (
    Action,
    Answered,
    Await,
    Ended,
    Finished,
    FleetTenant,
    Plan,
    Policy,
    Record,
    Run,
    Started,
    append,
    begin,
    decide,
)
from infra.fleet.model import ActionKind, Outcome

OLD, NEW = "1.0.0", "1.1.0"
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")

IDS = [f"t{number:03}" for number in range(60)]


def tenant(name: str, **changes: object) -> FleetTenant:
    """A healthy tenant of the old version, but for the changes."""
    values = {"id": name, "tier": "pool", "region": REGIONS[0], "version": OLD, "condition": "healthy", **changes}
    return FleetTenant.model_validate(values)


@st.composite
def fleets(draw: st.DrawFn, most: int = 60) -> list[FleetTenant]:
    """Healthy tenants of several tiers, Regions and versions."""
    return [
        tenant(
            name,
            tier=draw(st.sampled_from(["pool", "silo"])),
            region=draw(st.sampled_from(REGIONS)),
            version=draw(st.sampled_from([OLD, "0.9.0", NEW])),
        )
        for name in IDS[: draw(st.integers(0, most))]
    ]


@st.composite
def policies(draw: st.DrawFn, fleet: list[FleetTenant]) -> Policy:
    """Any policy for a fleet."""
    names = [one.id for one in fleet]
    return Policy(
        canaries=tuple(draw(st.lists(st.sampled_from(names), max_size=3, unique=True)) if names else ()),
        shares=tuple(sorted(draw(st.sets(st.integers(1, 99), max_size=3)))),
        tolerated=draw(st.integers(0, 2)),
        approval=draw(st.sampled_from(["none", "after the first", "each"])),
    )


@dataclass
class World:
    """What the actions meet.

    Args:
        outcomes: How an action ends, by kind and tenant; `passed` where none is given.
        versions: What each tenant runs.
        done: The actions that had an effect, in order.
    """

    outcomes: Mapping[tuple[ActionKind, str], Outcome]
    versions: dict[str, str]
    done: list[Action] = field(default_factory=list[Action])

    @classmethod
    def of(cls, plan: Plan, outcomes: Mapping[tuple[ActionKind, str], Outcome]) -> World:
        """The world before a rollout."""
        return cls(outcomes, {one.tenant: one.former for wave in plan.waves for one in wave.tenants})

    def run(self, plan: Plan, action: Action) -> Outcome:
        """Let an action have its effect, which does not change when it runs again."""
        outcome = self.outcomes.get((action.kind, action.tenant), "passed")
        self.done.append(action)
        if action.kind == "upgrade":
            self.versions[action.tenant] = plan.to if outcome == "passed" else "half"
        if action.kind == "roll back" and outcome == "passed":
            former = {one.tenant: one.former for wave in plan.waves for one in wave.tenants}
            self.versions[action.tenant] = former[action.tenant]
        return outcome


class Crash(Exception):
    """The process that runs the rollout dies."""


def carry_out(
    plan: Plan, world: World, *, crash: Callable[[], bool] = lambda: False, parallel: int = 1, refuse: int | None = None
) -> tuple[Record, Finished]:
    """Carry a rollout out to its end; after a crash from its record alone.

    Args:
        plan: The rollout.
        world: What its actions meet.
        crash: Asked before and after each effect whether the process dies there.
        parallel: How many actions are begun before the first of them ends.
        refuse: The wave that is not approved.
    """
    record = begin(plan)

    def write(entry: Started | Ended | Answered) -> None:
        nonlocal record
        record = append(plan, record, entry)

    for _ in range(5_000):
        decision = decide(plan, record)
        if isinstance(decision, Finished):
            return record, decision
        try:
            _go_on(plan, decision, world, write, crash, parallel=parallel, refuse=refuse)
        except Crash:
            continue
    raise AssertionError("the rollout does not come to an end")


def _go_on(
    plan: Plan,
    decision: Run | Await,
    world: World,
    write: Callable[[Started | Ended | Answered], None],
    crash: Callable[[], bool],
    *,
    parallel: int,
    refuse: int | None,
) -> None:
    def maybe_crash() -> None:
        if crash():
            raise Crash

    if isinstance(decision, Await):
        write(Answered(wave=decision.wave, granted=decision.wave != refuse, by="ops@example.com"))
        return
    batch = decision.actions[:parallel]
    for action in batch:
        write(Started(action=action))
    for action in batch:
        maybe_crash()
        outcome = world.run(plan, action)
        maybe_crash()
        write(Ended(action=action, outcome=outcome))
