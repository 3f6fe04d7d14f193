"""Carries a rollout out: what is decided is written down, done, and written down again, until nothing is left to do.

Rollbacks come first and upgrades last, a few at a time, so that a bad version is noticed before it is everywhere. A
process that dies is followed by another one with the same journal: what had begun is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.errors import UserError
from infra.fleet.deciding import Await, Finished, Run
from infra.fleet.journal import Journal
from infra.fleet.model import Action, ActionKind, Answered, Ended, Entry, Halted, Outcome, Plan, Planned, Started, Wave

#: What comes first when several kinds of action may run.
_ORDER: tuple[ActionKind, ...] = ("roll back", "verify", "check", "upgrade")


@dataclass(frozen=True, kw_only=True)
class Done:
    """How an action ended.

    Args:
        outcome: Whether it worked.
        detail: Why not, or what it found.
    """

    outcome: Outcome
    detail: str = ""


class Actions(Protocol):
    """Does what a rollout decides; each may be asked again for what it has done, or has begun.

    Every method answers for each tenant by its id; one that is missing from the answer counts as unknown. A
    `UserError` counts as the failure of all that were asked for.
    """

    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Preview the tenants at a version, and prove them together as they would be."""
        ...

    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Bring the tenants up by a version."""
        ...

    def verify(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Check that the tenants run a version and are well."""
        ...

    def roll_back(self, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Bring the tenants up by their former versions, and check that they are well."""
        ...


def _nobody(number: int, wave: Wave) -> None:
    """Nobody approves now."""
    del number, wave


def carry_out(
    journal: Journal,
    actions: Actions,
    *,
    at_once: int,
    approve: Callable[[int, Wave], Answered | None] = _nobody,
    halted: Callable[[], Halted | None] = lambda: None,
    told: Callable[[Entry], None] = lambda _: None,
) -> Finished | Await:
    """Go on with a rollout until it is over, or somebody must approve.

    Args:
        journal: The rollout.
        actions: Do what it decides.
        at_once: How many tenants are upgraded, verified or rolled back together; all of a wave are checked together.
        approve: Asks for the approval of a wave, by its number; None: nobody answers now.
        halted: Says whether somebody halts it; asked between actions.
        told: Is told of each entry of the journal.

    Returns:
        How it ended, or for which wave's approval it waits.
    """
    while True:
        decision = journal.decide()
        if isinstance(decision, Finished):
            return decision
        if not _is_halted(journal) and (halt := halted()) is not None:
            _add(journal, halt, told)
            continue
        if isinstance(decision, Await):
            answer = approve(decision.wave, journal.plan.waves[decision.wave])
            if answer is None:
                return decision
            _add(journal, answer, told)
            continue
        _act(journal, decision, actions, at_once, told)


def _is_halted(journal: Journal) -> bool:
    return any(isinstance(entry, Halted) for entry in journal.record.entries)


def _act(journal: Journal, decision: Run, actions: Actions, at_once: int, told: Callable[[Entry], None]) -> None:
    kind = next(kind for kind in _ORDER if any(action.kind == kind for action in decision.actions))
    batch = [action for action in decision.actions if action.kind == kind]
    batch = batch if kind == "check" else batch[:at_once]
    for action in batch:
        _add(journal, Started(action=action), told)
    done = _done(journal.plan, batch, actions)
    for action in batch:
        found = done.get(action.tenant) or Done(outcome="unknown", detail="nothing was said of it")
        _add(journal, Ended(action=action, outcome=found.outcome, detail=found.detail), told)


def _done(plan: Plan, batch: Sequence[Action], actions: Actions) -> Mapping[str, Done]:
    kind, wave = batch[0].kind, plan.waves[batch[0].wave]
    names = {action.tenant for action in batch}
    tenants = [one for one in wave.tenants if one.tenant in names]
    try:
        match kind:
            case "check":
                return actions.check(plan.to, tenants)
            case "upgrade":
                return actions.upgrade(plan.to, tenants)
            case "verify":
                return actions.verify(plan.to, tenants)
            case "roll back":
                return actions.roll_back(tenants)
    except UserError as error:
        return {one.tenant: Done(outcome="failed", detail=str(error)) for one in tenants}


def _add(journal: Journal, entry: Entry, told: Callable[[Entry], None]) -> None:
    journal.add(entry)
    told(entry)
