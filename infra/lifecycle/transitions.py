"""The transitions of a tenant's state as data, and the one function that follows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from infra.lifecycle.failures import TransitionRefused
from infra.lifecycle.states import ALL_KINDS, CHANGES, Event, OperationKind, State

_ONBOARD = frozenset({OperationKind.ONBOARD})
_ERASE = frozenset({OperationKind.ERASE})


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One way from a state to another.

    Args:
        source: The state before; None: the tenant is new.
        event: What happens.
        target: The state after.
        during: The kinds of operation in which it can happen.
        failed_in: From ``failed`` only: the kinds of operation that may have failed.
    """

    source: State | None
    event: Event
    target: State
    during: frozenset[OperationKind]
    failed_in: frozenset[OperationKind] = ALL_KINDS


def _from_each(
    sources: Iterable[State], event: Event, target: State, during: frozenset[OperationKind]
) -> tuple[Transition, ...]:
    return tuple(Transition(source=each, event=event, target=target, during=during) for each in sources)


#: Every transition there is. A pair of state and event leads to one target only.
TRANSITIONS: tuple[Transition, ...] = (
    # Onboarded past the service, by an engine run by hand: it is taken up as it is.
    Transition(source=None, event=Event.ADOPTED, target=State.ACTIVE, during=_ONBOARD),
    Transition(source=None, event=Event.ADOPTED_SUSPENDED, target=State.SUSPENDED, during=_ONBOARD),
    Transition(source=None, event=Event.ONBOARDING_REQUESTED, target=State.REQUESTED, during=_ONBOARD),
    Transition(source=State.REQUESTED, event=Event.SPEC_ACCEPTED, target=State.VALIDATED, during=_ONBOARD),
    Transition(source=State.VALIDATED, event=Event.PREFLIGHT_PASSED, target=State.PREFLIGHTED, during=_ONBOARD),
    Transition(source=State.PREFLIGHTED, event=Event.PROVISIONING_STARTED, target=State.PROVISIONING, during=_ONBOARD),
    Transition(source=State.PROVISIONING, event=Event.PROVISIONED, target=State.VERIFYING, during=_ONBOARD),
    *_from_each((State.REQUESTED, State.VALIDATED, State.PREFLIGHTED), Event.WITHDRAWN, State.ERASED, _ONBOARD),
    Transition(source=State.VERIFYING, event=Event.VERIFIED, target=State.ACTIVE, during=ALL_KINDS - _ERASE),
    *_from_each((State.ACTIVE, State.SUSPENDED), Event.CHANGE_STARTED, State.UPDATING, CHANGES),
    Transition(source=State.UPDATING, event=Event.CHANGE_APPLIED, target=State.VERIFYING, during=CHANGES),
    *_from_each((State.UPDATING, State.VERIFYING), Event.ACCESS_CLOSED, State.SUSPENDED, CHANGES),
    *_from_each((State.UPDATING, State.VERIFYING), Event.ROLLED_BACK, State.ACTIVE, CHANGES - {OperationKind.RESUME}),
    *_from_each((State.ACTIVE, State.SUSPENDED), Event.ERASURE_STARTED, State.ERASING, _ERASE),
    Transition(source=State.ERASING, event=Event.ERASURE_WITHDRAWN, target=State.SUSPENDED, during=_ERASE),
    Transition(source=State.ERASING, event=Event.ERASED, target=State.ERASED, during=_ERASE),
    *_from_each(
        (State.REQUESTED, State.VALIDATED, State.PREFLIGHTED, State.PROVISIONING), Event.FAILED, State.FAILED, _ONBOARD
    ),
    Transition(source=State.VERIFYING, event=Event.FAILED, target=State.FAILED, during=ALL_KINDS - _ERASE),
    Transition(source=State.UPDATING, event=Event.FAILED, target=State.FAILED, during=CHANGES),
    Transition(source=State.ERASING, event=Event.FAILED, target=State.FAILED, during=_ERASE),
    Transition(
        source=State.FAILED,
        event=Event.ONBOARDING_REQUESTED,
        target=State.REQUESTED,
        during=_ONBOARD,
        failed_in=_ONBOARD,
    ),
    Transition(
        source=State.FAILED, event=Event.CHANGE_STARTED, target=State.UPDATING, during=CHANGES, failed_in=CHANGES
    ),
    Transition(source=State.FAILED, event=Event.ERASURE_STARTED, target=State.ERASING, during=_ERASE),
)


def next_state(
    state: State | None, event: Event, *, during: OperationKind, failed_in: OperationKind | None = None
) -> State:
    """The state that an event leads to.

    Args:
        state: The tenant's state; None: it is new.
        event: What happened.
        during: The kind of operation in which it happened.
        failed_in: In the state ``failed``: the kind of operation that failed.

    Raises:
        TransitionRefused: the event is not possible there; the remedy says what is.
    """
    possible = [each for each in TRANSITIONS if each.source == state and _allowed(each, during, failed_in)]
    for each in possible:
        if each.event == event:
            return each.target
    named = "a new tenant" if state is None else f"a tenant that is {state}"
    if state is State.FAILED and failed_in is not None:
        named += f" ({failed_in})"
    events = ", ".join(each.event for each in possible)
    raise TransitionRefused(
        f"{event} cannot happen to {named} during {during}",
        f"possible there: {events}" if events else "no event is possible there in this operation",
    )


def _allowed(transition: Transition, during: OperationKind, failed_in: OperationKind | None) -> bool:
    if during not in transition.during:
        return False
    return transition.source is not State.FAILED or failed_in in transition.failed_in
