"""How an operation and its tenant move together: each function returns both anew, with the event to tell, if any.

Steps run at least once, so what a crash may repeat is harmless here: a step begun or ended again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from infra.lifecycle.failures import Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import Operation, OperationState
from infra.lifecycle.states import CHANGES, Event, OperationKind, State
from infra.lifecycle.transitions import next_state

#: The states in which no operation has touched the tenant yet, or in which it is whole again.
_UNTOUCHED = frozenset({State.ACTIVE, State.SUSPENDED, State.FAILED})


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A tenant's state, and in ``failed`` the reason.

    Raises:
        ValueError: failed without a reason, or a reason without being failed.
    """

    state: State
    failure: Failure | None = None

    def __post_init__(self) -> None:
        if (self.state is State.FAILED) != (self.failure is not None):
            raise ValueError(f"a tenant that is {self.state} with the failure {self.failure}")

    @property
    def failed_in(self) -> OperationKind | None:
        """The kind of operation that failed."""
        return self.failure.operation if self.failure else None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one call made of an operation and its tenant.

    Args:
        operation: The operation after it.
        condition: The tenant after it.
        event: What happened to the tenant; None: nothing that the outside is told.
    """

    operation: Operation
    condition: Condition
    event: Event | None = None


def begin_step(operation: Operation, condition: Condition, step: str) -> Change:
    """Begin the step that is next; the operation runs from its first.

    Raises:
        TransitionRefused: the operation is over, or another step is next.
    """
    index = _index(operation, step)
    if index < operation.steps_done or (index == operation.steps_done and operation.step_begun):
        return Change(operation=operation, condition=condition)
    if index > operation.steps_done:
        raise TransitionRefused(
            f"{step} cannot begin: {operation.steps[operation.steps_done].name} has not ended",
            "end the steps in their order",
            f"operation {operation.id}",
        )
    begun = replace(operation, state=OperationState.RUNNING, step_begun=True, fraction=0.0)
    change = Change(operation=begun, condition=condition)
    if index == 0 and operation.kind is OperationKind.ONBOARD and condition.state is State.FAILED:
        return _told(change, Event.ONBOARDING_REQUESTED)
    return _told(change, operation.steps[index].begins)


def advance(operation: Operation, fraction: float) -> Operation:
    """The operation with more of its step done; progress never goes back.

    Args:
        operation: The operation; a step of it runs.
        fraction: How much of the step is done, from 0 to 1.

    Raises:
        TransitionRefused: no step of it runs.
        ValueError: the fraction is not from 0 to 1.
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"{fraction} is no part of a step: from 0 to 1")
    if operation.final or not operation.step_begun:
        raise TransitionRefused("no step of it runs", "begin a step first", f"operation {operation.id}")
    return replace(operation, fraction=max(operation.fraction, fraction))


def end_step(operation: Operation, condition: Condition, step: str) -> Change:
    """End the step that runs; with the last one the operation has succeeded.

    Raises:
        TransitionRefused: the operation is over, or the step has not begun.
    """
    index = _index(operation, step)
    if index < operation.steps_done:
        return Change(operation=operation, condition=condition)
    if index > operation.steps_done or not operation.step_begun:
        raise TransitionRefused(f"{step} cannot end: it has not begun", "begin it first", f"operation {operation.id}")
    done = replace(operation, steps_done=index + 1, step_begun=False, fraction=0.0)
    if done.step is None:
        done = replace(done, state=OperationState.SUCCEEDED)
    return _told(Change(operation=done, condition=condition), operation.steps[index].ends)


def fail(operation: Operation, condition: Condition, failure: Failure, *, rolled_back: bool = False) -> Change:
    """End the operation as failed.

    A tenant on which the operation has changed nothing yet stays as it is; one that was rolled back is as before; any
    other has failed.

    Args:
        operation: The operation.
        condition: Its tenant.
        failure: Why.
        rolled_back: Whether everything that the operation had changed is as before.

    Raises:
        TransitionRefused: the operation is over.
        ValueError: the failure is of another kind of operation.
    """
    _not_final(operation)
    if failure.operation is not operation.kind:
        raise ValueError(f"a failure of {failure.operation} cannot end {operation.kind}")
    if rolled_back and operation.kind not in CHANGES:
        raise ValueError(f"{operation.kind} is never rolled back: a tenant is as before only after a change")
    failed = Change(operation=replace(operation, state=OperationState.FAILED, failure=failure), condition=condition)
    if rolled_back:
        return _told(failed, _event_of_return(operation, condition), failure)
    return _told(failed, None if condition.state in _UNTOUCHED else Event.FAILED, failure)


def cancel(operation: Operation, condition: Condition) -> Change:
    """End the operation as cancelled, after whatever it had changed was put back.

    An onboarding that has made nothing leaves an id that is never used; one that may have made something leaves a
    failed tenant, to be onboarded again or erased. A change leaves the tenant as it was. An erasure that has removed
    nothing leaves the tenant suspended.

    Raises:
        TransitionRefused: it is over, or past the point from which it can only go on.
    """
    _not_final(operation)
    started = operation.steps[: operation.steps_done + operation.step_begun]
    final_erasure = operation.kind is OperationKind.ERASE and operation.before is State.FAILED
    if any(not each.cancellable or final_erasure for each in started):
        raise _past_return(operation)
    failure = Failure(
        operation=operation.kind,
        step=operation.steps[operation.steps_done].name,
        failure_class=FailureClass.USER,
        message=f"{operation.kind} was cancelled",
        remedy="start it again, or erase the tenant",
    )
    cancelled = Change(operation=replace(operation, state=OperationState.CANCELLED), condition=condition)
    return _told(cancelled, _event_of_return(operation, condition), failure)


def _event_of_return(operation: Operation, condition: Condition) -> Event | None:
    """The event by which a tenant is what it was before the operation; FAILED where no way leads there."""
    match condition.state:
        case State.ACTIVE | State.SUSPENDED | State.FAILED:
            if condition.state is not operation.before:
                raise _past_return(operation)
            return None
        # A second onboarding may find what the first one made: that must be erased, not forgotten.
        case State.REQUESTED | State.VALIDATED | State.PREFLIGHTED if operation.before is not State.FAILED:
            return Event.WITHDRAWN
        case State.ERASING:
            return Event.ERASURE_WITHDRAWN
        case State.UPDATING | State.VERIFYING if operation.before is State.ACTIVE:
            return Event.ROLLED_BACK
        case State.UPDATING | State.VERIFYING if operation.before is State.SUSPENDED:
            return Event.ACCESS_CLOSED
        case _:
            return Event.FAILED


def _past_return(operation: Operation) -> TransitionRefused:
    return TransitionRefused(
        f"{operation.kind} is past the point up to which it can be taken back",
        "let it end, then start the opposite operation if there is one",
        f"operation {operation.id}",
    )


def _told(change: Change, event: Event | None, failure: Failure | None = None) -> Change:
    if event is None:
        return change
    condition = change.condition
    state = next_state(condition.state, event, during=change.operation.kind, failed_in=condition.failed_in)
    after = Condition(state=state, failure=failure if state is State.FAILED else None)
    return replace(change, condition=after, event=event)


def _index(operation: Operation, step: str) -> int:
    if operation.state is not OperationState.SUCCEEDED:
        _not_final(operation)
    for index, each in enumerate(operation.steps):
        if each.name == step:
            return index
    raise TransitionRefused(
        f"{operation.kind} has no step {step}",
        f"its steps are {', '.join(each.name for each in operation.steps)}",
        f"operation {operation.id}",
    )


def _not_final(operation: Operation) -> None:
    if operation.final:
        raise TransitionRefused(
            f"{operation.kind} has already {operation.state}", "start another operation", f"operation {operation.id}"
        )
