"""What is next in a rollout, from its plan and its record alone: so that a crash between any two entries loses nothing.

A wave begins with the preview and proof of all its tenants, then waits for its approval where one is asked, then
upgrades and verifies. A tenant that fails is rolled back and set aside. When more fail than the wave tolerates, when an
outcome is unknown, when a rollback fails, or when somebody says so, nothing further is upgraded, and whatever the wave
has touched is rolled back; the waves before it stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from infra.errors import UserError
from infra.fleet.model import Action, ActionKind, Ended, Entry, Halted, Plan, Record, Started
from infra.fleet.progress import FORWARD, WaveProgress

#: ``complete``: every tenant of the plan runs the version. ``incomplete``: some are set aside. ``halted``: it ended.
Verdict = Literal["complete", "incomplete", "halted"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """Actions that may run now, at the same time; those that a crash cut off are among them again.

    At most one action of a tenant runs at a time: one that is given out while another of its tenant still runs begins
    when that has ended and is recorded.
    """

    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True)
class Await:
    """Somebody must approve a wave."""

    wave: int


@dataclass(frozen=True, kw_only=True)
class Finished:
    """Nothing is left to do.

    Args:
        verdict: How it ended.
        why: What halted it; empty otherwise.
    """

    verdict: Verdict
    why: str = ""

    @property
    def passed(self) -> bool:
        """Whether a gate may pass: only if every tenant of the plan runs the version."""
        return self.verdict == "complete"


Decision = Run | Await | Finished


def begin(plan: Plan) -> Record:
    """The record of a rollout that has not begun."""
    return Record(plan=plan.digest)


def decide(plan: Plan, record: Record) -> Decision:
    """What is next.

    Raises:
        UserError: The record is another plan's.
    """
    _require_own(plan, record)
    for number in range(len(plan.waves)):
        decision = _in_wave(WaveProgress(plan, record, number))
        if decision is not None:
            return decision
    left = any(WaveProgress(plan, record, number).failed for number in range(len(plan.waves)))
    left = left or any(one.kind == "set aside" for one in plan.left_out)
    return Finished(verdict="incomplete" if left else "complete")


def append(plan: Plan, record: Record, entry: Entry) -> Record:
    """The record with one more entry.

    Raises:
        UserError: The entry does not follow from what is recorded; an upgrade after a halt does not, for example.
    """
    decision = decide(plan, record)
    if not _follows(record, decision, entry):
        raise UserError(
            f"`{entry.model_dump_json()}` does not follow from what is recorded of the rollout to {plan.to}",
            remedy="ask for the next step again; another process may have gone on with the rollout",
        )
    return Record(plan=record.plan, entries=(*record.entries, entry))


def _follows(record: Record, decision: Decision, entry: Entry) -> bool:
    if isinstance(entry, Started):
        return isinstance(decision, Run) and entry.action in decision.actions
    if isinstance(entry, Ended):
        begun = any(isinstance(one, Started) and one.action == entry.action for one in record.entries)
        ended = any(isinstance(one, Ended) and one.action == entry.action for one in record.entries)
        return begun and not ended
    if entry.entry == "answered":
        return isinstance(decision, Await) and decision.wave == entry.wave
    return not isinstance(decision, Finished) and not any(isinstance(one, Halted) for one in record.entries)


def _in_wave(wave: WaveProgress) -> Decision | None:
    """What is next in a wave; None when it is over and the next may begin."""
    back = [one for one in wave.tenants if one in wave.touched and not wave.ended("roll back", one)]
    if wave.stopped:
        return Run(actions=_actions(wave, "roll back", back)) if back else Finished(verdict="halted", why=wave.stopped)
    checks = _actions(wave, "check", [one for one in wave.tenants if not wave.ended("check", one)])
    if checks:
        return Run(actions=checks)
    sound = [one for one in wave.tenants if wave.outcome("check", one) == "passed"]
    if wave.wants_approval and sound:
        return Await(wave=wave.number)
    actions = _actions(wave, "roll back", [one for one in back if one in wave.failed])
    for tenant in sound:
        missing: ActionKind | None = next((kind for kind in FORWARD if not wave.ended(kind, tenant)), None)
        if missing and tenant not in wave.failed:
            actions += _actions(wave, missing, [tenant])
    return Run(actions=actions) if actions else None


def _actions(wave: WaveProgress, kind: ActionKind, tenants: list[str]) -> tuple[Action, ...]:
    return tuple(Action(kind=kind, tenant=tenant, wave=wave.number) for tenant in tenants)


def _require_own(plan: Plan, record: Record) -> None:
    if record.plan != plan.digest:
        raise UserError(
            f"the record is that of another plan than this one to {plan.to}",
            remedy="resume with the plan that was recorded, or begin a new rollout",
        )
