"""Operations on one tenant in any order, with crashes, failures, cancellations: the lifecycle keeps its promises."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from infra.lifecycle.failures import Failure, FailureClass, TransitionRefused
from infra.lifecycle.operations import Operation, OperationState, accept
from infra.lifecycle.progress import Change, Condition, advance, begin_step, cancel, end_step, fail
from infra.lifecycle.states import CHANGES, OperationKind, State
from infra.lifecycle.steps import startable

RESTING = {State.ACTIVE, State.SUSPENDED, State.FAILED, State.ERASED}


class TenantMachine(RuleBasedStateMachine):
    """One tenant from its request on; beside the code's state it keeps what is really deployed and reachable."""

    def __init__(self) -> None:
        super().__init__()
        self.condition = Condition(state=State.REQUESTED)
        self.operation: Operation = accept("o0", "acme", OperationKind.ONBOARD, state=State.REQUESTED)
        self.earlier = self.condition
        self.resources = False
        self.percent = 0

    def took(self, change: Change) -> None:
        assert (change.event is None) == (change.condition == self.condition)
        self.operation, self.condition = change.operation, change.condition

    @property
    def running(self) -> bool:
        return not self.operation.final

    @property
    def in_a_step(self) -> bool:
        return self.running and self.operation.step_begun

    @precondition(lambda self: not self.running)
    @rule(kind=st.sampled_from(OperationKind), stays_suspended=st.booleans())
    def start(self, kind: OperationKind, stays_suspended: bool) -> None:
        possible = startable(self.condition.state, self.condition.failed_in)
        try:
            operation = accept(
                f"after {self.operation.id}"[-20:],
                "acme",
                kind,
                state=self.condition.state,
                failed_in=self.condition.failed_in,
                stays_suspended=stays_suspended,
            )
        except TransitionRefused:
            assert kind not in possible or (stays_suspended and kind in {OperationKind.MOVE, OperationKind.RESUME})
        else:
            assert kind in possible
            self.operation, self.earlier, self.percent = operation, self.condition, 0

    @precondition(lambda self: self.running and not self.operation.step_begun)
    @rule()
    def begin(self) -> None:
        assert self.operation.step is not None
        name = self.operation.step.name
        self.took(begin_step(self.operation, self.condition, name))
        # The first moment at which resources may exist; before it, nothing may be made.
        if self.condition.state in {State.PROVISIONING, State.UPDATING}:
            self.resources = True

    @precondition(lambda self: self.running)
    @rule(steps=st.integers(1, 6))
    def go_on(self, steps: int) -> None:
        """Several steps in one go, so that what lies behind long operations is reached too."""
        for _ in range(steps):
            if self.running and not self.operation.step_begun:
                self.begin()
            if self.running:
                self.end()

    @precondition(lambda self: self.in_a_step)
    @rule(fraction=st.floats(0, 1))
    def progress(self, fraction: float) -> None:
        self.operation = advance(self.operation, fraction)

    @precondition(lambda self: self.in_a_step)
    @rule()
    def end(self) -> None:
        assert self.operation.step is not None
        name = self.operation.step.name
        if self.operation.kind is OperationKind.ERASE and name == "inventory":
            self.resources = False
        self.took(end_step(self.operation, self.condition, name))

    @precondition(lambda self: self.running and (self.operation.steps_done or self.operation.step_begun))
    @rule(back=st.integers(0, 5))
    def repeat_after_a_crash(self, back: int) -> None:
        """A worker that was killed begins or ends steps again that it had begun or ended: nothing changes."""
        last = self.operation.steps_done - (0 if self.operation.step_begun else 1)
        name = self.operation.steps[max(0, last - back)].name
        unchanged = Change(operation=self.operation, condition=self.condition)
        assert begin_step(self.operation, self.condition, name) == unchanged
        if back or not self.operation.step_begun:
            earlier = self.operation.steps[max(0, self.operation.steps_done - 1)].name
            if self.operation.steps_done:
                assert end_step(self.operation, self.condition, earlier) == unchanged

    @precondition(lambda self: self.running)
    @rule(failure_class=st.sampled_from(FailureClass), rolled_back=st.booleans())
    def stop(self, failure_class: FailureClass, rolled_back: bool) -> None:
        assert self.operation.step is not None
        failure = Failure(
            operation=self.operation.kind,
            step=self.operation.step.name,
            failure_class=failure_class,
            message="stopped",
            remedy="look",
        )
        rolled_back = rolled_back and self.operation.kind in CHANGES and self.earlier.state is not State.FAILED
        try:
            change = fail(self.operation, self.condition, failure, rolled_back=rolled_back)
        except TransitionRefused:
            # Only what has already closed the access cannot be said to be as before.
            assert rolled_back
            assert self.condition.state is State.SUSPENDED
            assert self.earlier.state is State.ACTIVE
            return
        self.took(change)
        assert self.operation.state is OperationState.FAILED
        assert self.operation.failure == failure
        if rolled_back:
            assert self.condition == self.earlier

    @precondition(lambda self: self.running)
    @rule()
    def take_back(self) -> None:
        try:
            change = cancel(self.operation, self.condition)
        except TransitionRefused:
            begun = self.operation.steps[: self.operation.steps_done + self.operation.step_begun]
            assert begun
            assert (
                not all(each.cancellable for each in begun)
                or self.condition.state is State.SUSPENDED
                or (self.operation.kind is OperationKind.ERASE and self.earlier.state is State.FAILED)
            )
            return
        begun = self.operation.steps[: self.operation.steps_done + self.operation.step_begun]
        assert all(each.cancellable for each in begun)
        assert not (begun and self.operation.kind is OperationKind.ERASE and self.earlier.state is State.FAILED)
        self.took(change)
        assert self.operation.state is OperationState.CANCELLED
        if self.operation.kind in CHANGES and self.earlier.state is not State.FAILED:
            assert self.condition == self.earlier

    @invariant()
    def nothing_survives_an_erasure(self) -> None:
        """A tenant shown as erased has no resources."""
        assert not (self.condition.state is State.ERASED and self.resources)

    @invariant()
    def a_tenant_at_rest_has_no_half_done_operation(self) -> None:
        """When no operation runs, the tenant is active, suspended, erased, or failed with a reason."""
        if not self.running:
            assert self.condition.state in RESTING
        if self.operation.state is OperationState.SUCCEEDED:
            assert self.condition.state is not State.FAILED

    @invariant()
    def percent_never_goes_back(self) -> None:
        """From 0 to 100, and 100 means that it has succeeded."""
        assert self.percent <= self.operation.percent <= 100
        assert (self.operation.percent == 100) == (self.operation.state is OperationState.SUCCEEDED)
        self.percent = self.operation.percent


TestTenantMachine = TenantMachine.TestCase
TestTenantMachine.settings = settings(max_examples=300, stateful_step_count=30, deadline=None, derandomize=True)
