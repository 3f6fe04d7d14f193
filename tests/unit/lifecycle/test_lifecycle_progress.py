"""Single moves of an operation and its tenant, told one by one: what is refused, and what a cancellation leaves."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from infra.lifecycle.failures import Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import Operation, accept
from infra.lifecycle.progress import Change, Condition, advance, begin_step, cancel, end_step, fail
from infra.lifecycle.states import Event, OperationKind, State

REASON = Failure(
    operation=OperationKind.ONBOARD,
    step="apply",
    failure_class=FailureClass.QUOTA,
    message="no interface endpoint is left",
    remedy="ask for quota L-29B6F2EB",
)


def begun(kind: OperationKind, state: State, ended: Sequence[str], step: str) -> Change:
    """An operation on a tenant in that state, with those steps ended and one begun."""
    failure = REASON if state is State.FAILED else None
    operation = accept("o1", "acme", kind, state=state, failed_in=failure and failure.operation)
    change = Change(operation=operation, condition=Condition(state=state, failure=failure))
    for name in ended:
        change = begin_step(change.operation, change.condition, name)
        change = end_step(change.operation, change.condition, name)
    return begin_step(change.operation, change.condition, step)


def test_an_onboarding_that_made_nothing_is_withdrawn() -> None:
    """Cancelled during its preflight, nothing is left of it."""
    change = begun(OperationKind.ONBOARD, State.REQUESTED, ["validate"], "preflight")
    assert cancel(change.operation, change.condition).event is Event.WITHDRAWN


def test_a_second_onboarding_is_never_withdrawn() -> None:
    """What the first one made may be there still: the tenant has failed, it is not erased."""
    change = begun(OperationKind.ONBOARD, State.FAILED, ["validate"], "preflight")
    after = cancel(change.operation, change.condition).condition
    assert after.state is State.FAILED
    assert after.failure is not None
    assert after.failure.failure_class is FailureClass.USER


def test_an_erasure_can_be_taken_back_until_it_removes() -> None:
    """In the grace period it leaves the tenant suspended; while it removes, it goes on."""
    waiting = begun(OperationKind.ERASE, State.ACTIVE, ["close access", "export"], "grace period")
    assert cancel(waiting.operation, waiting.condition).condition.state is State.SUSPENDED
    removing = begun(OperationKind.ERASE, State.ACTIVE, ["close access", "export", "grace period"], "remove")
    with pytest.raises(TransitionRefused, match="past the point"):
        cancel(removing.operation, removing.condition)


def test_a_failed_preflight_leaves_an_active_tenant_alone() -> None:
    """Only the operation has failed; the same failure while it applies is the tenant's."""
    failure = Failure(
        operation=OperationKind.UPDATE, step="preflight", failure_class=FailureClass.QUOTA, message="full", remedy="ask"
    )
    early = begun(OperationKind.UPDATE, State.ACTIVE, ["validate"], "preflight")
    assert fail(early.operation, early.condition, failure).condition == Condition(state=State.ACTIVE)
    late = begun(OperationKind.UPDATE, State.ACTIVE, ["validate", "preflight"], "apply")
    assert fail(late.operation, late.condition, failure).condition == Condition(state=State.FAILED, failure=failure)


def test_a_move_with_a_rest_of_the_old_network_is_not_active() -> None:
    """The last step of a move is part of it: until then the tenant is verifying."""
    change = begun(
        OperationKind.MOVE,
        State.ACTIVE,
        ["validate", "preflight", "build network", "switch endpoints", "verify"],
        "remove old network",
    )
    assert change.condition.state is State.VERIFYING


def test_steps_have_an_order() -> None:
    """A step begins when the one before has ended, ends when it has begun, and exists."""
    change = begun(OperationKind.UPDATE, State.ACTIVE, [], "validate")
    for call, step, message in (
        (begin_step, "preflight", "validate has not ended"),
        (end_step, "preflight", "it has not begun"),
        (begin_step, "erase everything", "its steps are validate, preflight, apply, verify"),
    ):
        with pytest.raises(TransitionRefused, match=message):
            call(change.operation, change.condition, step)


def test_an_operation_that_is_over_stays_so() -> None:
    """A cancelled one neither goes on, nor fails, nor is cancelled again."""
    change = begun(OperationKind.UPDATE, State.ACTIVE, [], "validate")
    over = cancel(change.operation, change.condition)
    for call in (
        lambda: begin_step(over.operation, over.condition, "validate"),
        lambda: cancel(over.operation, over.condition),
        lambda: advance(over.operation, 0.5),
    ):
        with pytest.raises(TransitionRefused):
            call()


def test_the_last_step_ended_twice_changes_nothing() -> None:
    """A worker killed after its last write repeats it."""
    change = begun(OperationKind.SUSPEND, State.ACTIVE, ["close access"], "scale down")
    done = end_step(change.operation, change.condition, "scale down")
    again = end_step(done.operation, done.condition, "scale down")
    assert (again.operation, again.condition, again.event) == (done.operation, done.condition, None)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_no_part_of_a_step_is_less_than_nothing_or_more_than_all(fraction: float) -> None:
    """Progress outside of 0 to 1 is a mistake of the caller."""
    change = begun(OperationKind.UPDATE, State.ACTIVE, [], "validate")
    with pytest.raises(ValueError, match="from 0 to 1"):
        advance(change.operation, fraction)


def test_callers_cannot_claim_the_impossible() -> None:
    """A failure of another kind, a rolled back onboarding, a failed tenant without its reason."""
    change = begun(OperationKind.ONBOARD, State.REQUESTED, [], "validate")
    other = Failure(
        operation=OperationKind.MOVE, step="verify", failure_class=FailureClass.USER, message="no", remedy="no"
    )
    with pytest.raises(ValueError, match="cannot end onboard"):
        fail(change.operation, change.condition, other)
    with pytest.raises(ValueError, match="never rolled back"):
        fail(change.operation, change.condition, REASON, rolled_back=True)
    with pytest.raises(ValueError, match="failed with the failure None"):
        Condition(state=State.FAILED)


def test_percent_weighs_the_steps() -> None:
    """Half of the apply step, after validate and preflight: 2 + 8 + 35."""
    change = begun(OperationKind.UPDATE, State.ACTIVE, ["validate", "preflight"], "apply")
    operation: Operation = advance(change.operation, 0.5)
    assert operation.percent == 45
    assert advance(operation, 0.1).percent == 45
