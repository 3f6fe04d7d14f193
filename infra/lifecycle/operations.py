"""A long-running operation as a value: where it is in its steps, and how far in percent.

After AIP-151, "Long-running operations".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from infra.lifecycle.failures import Failure, TransitionRefused
from infra.lifecycle.states import OperationKind, State
from infra.lifecycle.steps import Step, startable, steps_of


class OperationState(StrEnum):
    """Where an operation is; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({OperationState.SUCCEEDED, OperationState.FAILED, OperationState.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation on one tenant.

    Args:
        id: Its id, unique over all tenants.
        tenant: The tenant's id.
        kind: What it does.
        before: The tenant's state when it was accepted, to which a cancelled change returns.
        stays_suspended: Whether the tenant is suspended after it as well.
        state: Where it is.
        steps_done: How many of its steps have ended.
        step_begun: Whether the step after those has begun.
        fraction: How much of that step is done, from 0 to 1.
        failure: Why it failed.
    """

    id: str
    tenant: str
    kind: OperationKind
    before: State
    stays_suspended: bool = False
    state: OperationState = OperationState.PENDING
    steps_done: int = 0
    step_begun: bool = False
    fraction: float = 0.0
    failure: Failure | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """All its steps, in order."""
        return steps_of(self.kind, stays_suspended=self.stays_suspended)

    @property
    def step(self) -> Step | None:
        """The step that runs or is next; None when all have ended."""
        return self.steps[self.steps_done] if self.steps_done < len(self.steps) else None

    @property
    def percent(self) -> int:
        """How much of the work is done; 100 only when all steps have ended."""
        done = sum(each.percent for each in self.steps[: self.steps_done])
        return int(done if self.step is None else min(99, done + self.step.percent * self.fraction))

    @property
    def final(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in FINAL


def accept(
    operation_id: str,
    tenant: str,
    kind: OperationKind,
    *,
    state: State,
    failed_in: OperationKind | None = None,
    stays_suspended: bool = False,
) -> Operation:
    """A pending operation on a tenant.

    Args:
        operation_id: Its id, unique over all tenants.
        tenant: The tenant's id.
        kind: What it is to do.
        state: The tenant's state.
        failed_in: In the state ``failed``: the kind of operation that failed.
        stays_suspended: Whether the tenant's spec says that it is suspended after the operation as well.

    Raises:
        TransitionRefused: it cannot start in this state.
    """
    allowed = startable(state, failed_in)
    if kind not in allowed:
        names = ", ".join(sorted(allowed))
        raise TransitionRefused(
            f"{kind} cannot start on tenant {tenant}, which is {state}",
            f"possible there: {names}" if names else "wait for the running operation, or choose another tenant id",
            f"tenant {tenant}",
        )
    steps_of(kind, stays_suspended=stays_suspended)
    return Operation(id=operation_id, tenant=tenant, kind=kind, before=state, stays_suspended=stays_suspended)
