"""The steps of each kind of operation as data: their order, their share of the work, and the events they cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.lifecycle.failures import TransitionRefused
from infra.lifecycle.states import CHANGES, Event, OperationKind, State


@dataclass(frozen=True, kw_only=True)
class Step:
    """One durable part of an operation: run at least once, never skipped.

    Args:
        name: What it is called in progress and failures.
        percent: Its share of the whole operation's work.
        begins: The event of the tenant when it begins, if any.
        ends: The event of the tenant when it has ended, if any.
        cancellable: Whether the operation can be cancelled while this step runs.
    """

    name: str
    percent: int
    begins: Event | None = None
    ends: Event | None = None
    cancellable: bool = True


_VALIDATE = Step(name="validate", percent=2)
_PREFLIGHT = Step(name="preflight", percent=8)
_VERIFY = Step(name="verify", percent=20, ends=Event.VERIFIED)
_CHANGE = Step(name="apply", percent=70, begins=Event.CHANGE_STARTED, ends=Event.CHANGE_APPLIED)
#: A change of a tenant that stays suspended: nobody can reach it, so there is nothing to smoke test.
_CHANGE_CLOSED = Step(name="apply", percent=90, begins=Event.CHANGE_STARTED, ends=Event.ACCESS_CLOSED)

#: The steps of each kind of operation; their percentages add up to 100.
STEPS: Mapping[OperationKind, tuple[Step, ...]] = {
    OperationKind.ONBOARD: (
        Step(name="validate", percent=2, ends=Event.SPEC_ACCEPTED),
        Step(name="preflight", percent=8, ends=Event.PREFLIGHT_PASSED),
        Step(name="apply", percent=70, begins=Event.PROVISIONING_STARTED, ends=Event.PROVISIONED),
        _VERIFY,
    ),
    OperationKind.UPDATE: (_VALIDATE, _PREFLIGHT, _CHANGE, _VERIFY),
    OperationKind.UPGRADE: (_VALIDATE, _PREFLIGHT, _CHANGE, _VERIFY),
    OperationKind.MOVE: (
        _VALIDATE,
        _PREFLIGHT,
        Step(name="build network", percent=30, begins=Event.CHANGE_STARTED),
        Step(name="switch endpoints", percent=25, ends=Event.CHANGE_APPLIED),
        Step(name="verify", percent=20),
        # Only then is the move over: what is left of the old network shows as a failure, never as an active tenant.
        Step(name="remove old network", percent=15, ends=Event.VERIFIED, cancellable=False),
    ),
    OperationKind.SUSPEND: (
        Step(name="close access", percent=20, begins=Event.CHANGE_STARTED, ends=Event.ACCESS_CLOSED),
        Step(name="scale down", percent=80, cancellable=False),
    ),
    OperationKind.RESUME: (
        Step(name="preflight", percent=10),
        Step(name="apply", percent=70, begins=Event.CHANGE_STARTED, ends=Event.CHANGE_APPLIED),
        _VERIFY,
    ),
    OperationKind.ERASE: (
        Step(name="close access", percent=5, begins=Event.ERASURE_STARTED),
        Step(name="export", percent=15),
        Step(name="grace period", percent=0),
        Step(name="remove", percent=60, cancellable=False),
        Step(name="inventory", percent=15, cancellable=False),
        Step(name="certify", percent=5, ends=Event.ERASED, cancellable=False),
    ),
}
#: The steps of a change to a tenant that is suspended and stays so.
STEPS_WHILE_SUSPENDED: Mapping[OperationKind, tuple[Step, ...]] = dict.fromkeys(
    (OperationKind.UPDATE, OperationKind.UPGRADE), (_VALIDATE, _PREFLIGHT, _CHANGE_CLOSED)
)

#: The states in which each kind of operation can start, beside ``failed``.
STARTS: Mapping[OperationKind, frozenset[State]] = {
    OperationKind.ONBOARD: frozenset({State.REQUESTED}),
    OperationKind.UPDATE: frozenset({State.ACTIVE, State.SUSPENDED}),
    OperationKind.UPGRADE: frozenset({State.ACTIVE, State.SUSPENDED}),
    OperationKind.MOVE: frozenset({State.ACTIVE}),
    OperationKind.SUSPEND: frozenset({State.ACTIVE, State.SUSPENDED}),
    OperationKind.RESUME: frozenset({State.SUSPENDED}),
    OperationKind.ERASE: frozenset({State.ACTIVE, State.SUSPENDED}),
}
#: After a failure: the kinds of operation that can start, by the kind that failed.
STARTS_AFTER_FAILURE: Mapping[OperationKind, frozenset[OperationKind]] = {
    OperationKind.ONBOARD: frozenset({OperationKind.ONBOARD, OperationKind.ERASE}),
    OperationKind.ERASE: frozenset({OperationKind.ERASE}),
    **{kind: CHANGES | {OperationKind.ERASE} for kind in CHANGES},
}


def startable(state: State, failed_in: OperationKind | None = None) -> frozenset[OperationKind]:
    """The kinds of operation that can start on a tenant.

    Args:
        state: The tenant's state.
        failed_in: In the state ``failed``: the kind of operation that failed.

    Raises:
        ValueError: a failed tenant, and no word of what failed.
    """
    if state is State.FAILED:
        if failed_in is None:
            raise ValueError("a failed tenant always says which kind of operation failed")
        return STARTS_AFTER_FAILURE[failed_in]
    return frozenset(kind for kind, states in STARTS.items() if state in states)


def steps_of(kind: OperationKind, *, stays_suspended: bool = False) -> tuple[Step, ...]:
    """The steps of an operation.

    Args:
        kind: What it does.
        stays_suspended: Whether the tenant's spec says that it is suspended after the operation as well.

    Raises:
        TransitionRefused: the operation is not possible on a tenant that stays suspended.
    """
    if not stays_suspended or kind in (OperationKind.ONBOARD, OperationKind.SUSPEND, OperationKind.ERASE):
        return STEPS[kind]
    if kind not in STEPS_WHILE_SUSPENDED:
        raise TransitionRefused(
            f"{kind} cannot leave the tenant suspended", "set lifecycle.state to active in its spec, or resume it first"
        )
    return STEPS_WHILE_SUSPENDED[kind]
