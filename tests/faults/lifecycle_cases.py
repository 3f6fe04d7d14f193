"""Every step of every operation in every state from which it starts: generated from the lifecycle, with how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.lifecycle import progress
from infra.lifecycle.failures import Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import Operation, accept
from infra.lifecycle.progress import Change, Condition
from infra.lifecycle.states import CHANGES, Event, OperationKind, State
from infra.lifecycle.steps import STARTS, STEPS_WHILE_SUSPENDED, steps_of
from tests.provisioning.estate_bench import Kind

#: What undoes a change that failed: `infra.provisioning.plans`.
PUT_BACK = "put back"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How the lifecycle says that an operation ends.

    Args:
        operation: The operation then.
        condition: Its tenant then.
        told: What was told of the tenant, in order.
        undone: Whether what it had changed was put back.
    """

    operation: Operation
    condition: Condition
    told: tuple[str, ...]
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class Case:
    """One operation, and the step in which somebody who works on it is killed.

    Args:
        what: The operation's kind and where it starts.
        step: The step in which somebody is killed; `PUT_BACK`: while what it had changed is put back.
        fails: The step that fails and is not tried again; None: all succeed.
    """

    what: Kind
    step: str
    fails: str | None = None

    @property
    def name(self) -> str:
        """As a tenant's id."""
        words = [name_of(self.what), *([] if self.fails is None else ["fails", "in", self.fails]), self.step]
        return "-".join(words).replace(" ", "-")


def cases() -> tuple[Case, ...]:
    """Each step of each kind of operation."""
    return tuple(Case(what=what, step=step) for what in kinds() for step in steps(what))


def failing_cases() -> tuple[Case, ...]:
    """Each step of each kind of operation as the one that fails; struck is what puts back, else the step itself."""
    return tuple(
        Case(what=each.what, step=PUT_BACK if failure(each.what, each.step).undone else each.step, fails=each.step)
        for each in cases()
    )


def cancellable_cases() -> tuple[Case, ...]:
    """Each step in which an operation can be cancelled, and after which there is another."""
    return tuple(
        Case(what=what, step=step) for what in kinds() for step in steps(what)[:-1] if _can_be_cancelled(what, step)
    )


def covering(found: Sequence[Case]) -> list[Case]:
    """Few of the cases, the same ones always: each kind from each state, and each step, is in one of them.

    Of cases that fail: each step that fails.
    """
    chosen: list[Case] = []
    left = {each for case in found for each in _covered(case)}
    while left:
        best = max(found, key=lambda each: len(left & _covered(each)))
        left -= _covered(best)
        chosen.append(best)
    return chosen


def _covered(case: Case) -> set[tuple[str, str]]:
    return {("kind", name_of(case.what)), ("step", case.fails or case.step)}


def pairwise(found: Sequence[Case], victims: Sequence[str]) -> Mapping[str, Sequence[Case]]:
    """Few combinations of a kind, a step and a victim, the same ones always: any two of the three meet in one of them.

    Args:
        found: The cases.
        victims: Who can be killed in each of them.

    Returns:
        The cases of each victim.
    """
    chosen: dict[str, list[Case]] = {victim: [] for victim in victims}
    every = [(case, victim) for case in found for victim in victims]
    left = {pair for case, victim in every for pair in _pairs(case, victim)}
    while left:
        case, victim = max(every, key=lambda each: len(left & _pairs(*each)))
        left -= _pairs(case, victim)
        chosen[victim].append(case)
    return chosen


def _pairs(case: Case, victim: str) -> set[tuple[str, str, str]]:
    kind = name_of(case.what)
    return {
        ("kind and step", kind, case.step),
        ("kind and victim", kind, victim),
        ("step and victim", case.step, victim),
    }


def kinds() -> tuple[Kind, ...]:
    """Each kind of operation from each state in which it starts; of a suspended tenant that stays so, where it can."""
    return tuple(
        _kind(kind, before, stays_suspended=before is State.SUSPENDED and kind in STEPS_WHILE_SUSPENDED)
        for kind in OperationKind
        for before in sorted(STARTS[kind])
    )


def steps(what: Kind) -> tuple[str, ...]:
    """The names of a kind's steps."""
    return tuple(step.name for step in steps_of(what.kind, stays_suspended=what.stays_suspended))


def name_of(what: Kind) -> str:
    """A kind and where it starts, as part of a tenant's id."""
    return f"{what.kind}-{what.before}"


def success(what: Kind) -> Ending:
    """The end where no step fails."""
    walk = _Walk(what)
    for step in steps(what):
        walk.begin(step)
        walk.end(step)
    return walk.ending()


def failure(what: Kind, step: str, *, can_be_undone: bool = True) -> Ending:
    """The end where a step fails and nothing is tried again.

    Args:
        what: The operation's kind and where it starts.
        step: The step that fails.
        can_be_undone: False: putting back fails as well.
    """
    walk = _Walk(what)
    for each in steps(what):
        walk.begin(each)
        if each == step:
            break
        walk.end(each)
    undone = can_be_undone and what.kind in CHANGES and walk.can_be_taken_back()
    walk.fail(step, rolled_back=undone)
    return walk.ending(undone=undone)


def cancellation(what: Kind, step: str) -> Ending:
    """The end where an operation is cancelled while a step runs, which is not its last.

    It ends after that step; one that is past the point of return by then goes on to its end.
    """
    walk = _Walk(what)
    for each in steps(what):
        walk.begin(each)
        walk.end(each)
        if each == step and walk.can_be_taken_back():
            walk.cancel()
            return walk.ending(undone=what.kind is not OperationKind.ERASE)
    return walk.ending()


def _can_be_cancelled(what: Kind, step: str) -> bool:
    walk = _Walk(what)
    for each in steps(what):
        walk.begin(each)
        if each == step:
            break
        walk.end(each)
    return walk.can_be_taken_back()


def _kind(kind: OperationKind, before: State, *, stays_suspended: bool) -> Kind:
    found = Kind(kind, before, before, stays_suspended)
    return Kind(kind, before, success(found).condition.state, stays_suspended)


class _Walk:
    """An operation and its tenant, step by step, with nothing but the lifecycle."""

    def __init__(self, what: Kind) -> None:
        self._operation = accept("walk", "walk", what.kind, state=what.before, stays_suspended=what.stays_suspended)
        self._condition = Condition(state=what.before)
        # A new tenant is told of when it is asked for.
        self._told = [Event.ONBOARDING_REQUESTED] if what.kind is OperationKind.ONBOARD else []

    def begin(self, step: str) -> None:
        self._move(progress.begin_step(self._operation, self._condition, step))

    def end(self, step: str) -> None:
        self._move(progress.end_step(self._operation, self._condition, step))

    def can_be_taken_back(self) -> bool:
        try:
            progress.cancel(self._operation, self._condition)
        except TransitionRefused:
            return False
        return True

    def fail(self, step: str, *, rolled_back: bool) -> None:
        why = Failure(
            operation=self._operation.kind, step=step, failure_class=FailureClass.USER, message="it", remedy="that"
        )
        self._move(progress.fail(self._operation, self._condition, why, rolled_back=rolled_back))

    def cancel(self) -> None:
        self._move(progress.cancel(self._operation, self._condition))

    def ending(self, *, undone: bool = False) -> Ending:
        assert self._operation.final
        told = tuple(f"tenant.{event}" for event in self._told)
        return Ending(operation=self._operation, condition=self._condition, told=told, undone=undone)

    def _move(self, change: Change) -> None:
        self._operation, self._condition = change.operation, change.condition
        if change.event is not None:
            self._told.append(change.event)
