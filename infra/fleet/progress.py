"""How far one wave of a rollout is, by its record."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from infra.fleet.model import ActionKind, Answered, Halted, Outcome, Plan, Record, Started

#: What a tenant goes through when nothing fails.
FORWARD: tuple[ActionKind, ...] = ("check", "upgrade", "verify")

#: ``upgraded``: it runs the version and is well. ``waiting``: its turn did not come (yet). ``going on``: in between.
#: ``set aside``: it failed, and runs its former version. ``rolled back``: it did not fail, its wave did. ``stuck``:
#: nobody can tell what it runs; somebody must look. ``left out``: it is in no wave.
Standing = Literal["upgraded", "waiting", "going on", "set aside", "rolled back", "stuck", "left out"]


class WaveProgress:
    """One wave.

    Args:
        plan: The rollout.
        record: What happened.
        number: Which of its waves, from 0.
    """

    def __init__(self, plan: Plan, record: Record, number: int) -> None:
        wave = plan.waves[number]
        self.number = number
        self.tenants = [one.tenant for one in wave.tenants]
        self._wave = wave
        self._begun: set[tuple[ActionKind, str]] = set()
        self._outcomes: dict[tuple[ActionKind, str], Outcome] = {}
        self._answer: Answered | None = None
        self._halt: Halted | None = None
        for index, entry in enumerate(record.entries):
            if isinstance(entry, Halted):
                # A halt stops the wave that is going on, and those after it; a wave that was over by then stays.
                before = record.model_copy(update={"entries": record.entries[:index]})
                self._halt = None if WaveProgress(plan, before, number).over else entry
            elif isinstance(entry, Answered):
                self._answer = entry if entry.wave == number else self._answer
            elif entry.action.wave != number:
                continue
            elif isinstance(entry, Started):
                self._begun.add((entry.action.kind, entry.action.tenant))
            else:
                self._outcomes[entry.action.kind, entry.action.tenant] = entry.outcome

    def outcome(self, kind: ActionKind, tenant: str) -> Outcome | None:
        """How a tenant's step ended; None while it has not."""
        return self._outcomes.get((kind, tenant))

    def ended(self, kind: ActionKind, tenant: str) -> bool:
        """Whether a tenant's step has ended."""
        return (kind, tenant) in self._outcomes

    @cached_property
    def touched(self) -> frozenset[str]:
        """The tenants whose upgrade was begun."""
        return frozenset(tenant for kind, tenant in self._begun if kind == "upgrade")

    @cached_property
    def failed(self) -> frozenset[str]:
        """The tenants that did not pass a step on the way forward."""
        return frozenset(
            tenant for (kind, tenant), outcome in self._outcomes.items() if kind in FORWARD and outcome != "passed"
        )

    @property
    def wants_approval(self) -> bool:
        """Whether somebody still has to approve the wave."""
        return self._wave.approval and self._answer is None

    @property
    def over(self) -> bool:
        """Whether every tenant is upgraded, or failed and is as it was before."""
        return all(
            self.outcome("verify", tenant) == "passed"
            or (tenant in self.failed and (tenant not in self.touched or self.ended("roll back", tenant)))
            for tenant in self.tenants
        )

    @cached_property
    def stopped(self) -> str:
        """Why nothing further may be upgraded; empty while it may."""
        for (kind, tenant), outcome in sorted(self._outcomes.items()):
            if kind == "roll back" and outcome != "passed":
                return f"{tenant} could not be rolled back"
            if outcome == "unknown":
                return f"nobody can tell how `{kind}` of {tenant} ended"
        if len(self.failed) > self._wave.tolerated:
            failed = ", ".join(sorted(self.failed))
            return f"{failed} failed in wave {self._wave.name!r}, which tolerates {self._wave.tolerated}"
        if self._answer is not None and not self._answer.granted:
            return f"{self._answer.by} did not approve wave {self._wave.name!r}"
        if self._halt is not None:
            return f"{self._halt.by} halted it: {self._halt.reason}"
        return ""

    def standing(self, tenant: str) -> Standing:
        """How a tenant of the wave stands."""
        back = self.outcome("roll back", tenant)
        if back is not None:
            if back != "passed":
                return "stuck"
            return "set aside" if tenant in self.failed else "rolled back"
        if tenant in self.touched:
            settled = self.outcome("verify", tenant) == "passed" and not self.stopped
            return "upgraded" if settled else "going on"
        if tenant in self.failed:
            return "set aside"
        return "waiting"


def standings(plan: Plan, record: Record) -> dict[str, Standing]:
    """How every tenant of the fleet stands, by its id: nobody is missing."""
    found: dict[str, Standing] = {one.tenant: "left out" for one in plan.left_out}
    for number in range(len(plan.waves)):
        wave = WaveProgress(plan, record, number)
        found.update({tenant: wave.standing(tenant) for tenant in wave.tenants})
    return dict(sorted(found.items()))
