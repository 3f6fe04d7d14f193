"""A tenant's place in its life: the states in the order in which they are come to, and which of them it was in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from infra.lifecycle.progress import Condition
from infra.lifecycle.states import OperationKind, State

#: The parts of a life, each with its states.
PARTS: Mapping[str, tuple[State, ...]] = {
    "onboarding": (State.REQUESTED, State.VALIDATED, State.PREFLIGHTED, State.PROVISIONING, State.VERIFYING),
    "in use": (State.ACTIVE, State.UPDATING, State.SUSPENDED),
    "end": (State.ERASING, State.ERASED),
}
_FAILED_IN = {OperationKind.ONBOARD: "onboarding", OperationKind.ERASE: "end"}

Standing = Literal["now", "was", "not yet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A state in the picture.

    Attributes:
        state: The state.
        standing: Whether the tenant is in it, was in it, or was not.
        since: When it last came to it.
    """

    state: State
    standing: Standing
    since: datetime | None


def lifecycle_picture(condition: Condition, visited: Mapping[State, datetime]) -> list[tuple[str, list[Place]]]:
    """The parts of a tenant's life, each with its places; ``failed`` is in the part in which it happened.

    Args:
        condition: The tenant's state, and in ``failed`` the reason.
        visited: The states that it was in, each with when it last came to it.
    """
    parts: list[tuple[str, list[Place]]] = []
    for name, states in PARTS.items():
        places = [_place(state, condition, visited) for state in states]
        if condition.failed_in is not None and _FAILED_IN.get(condition.failed_in, "in use") == name:
            places.append(_place(State.FAILED, condition, visited))
        parts.append((name, places))
    return parts


def _place(state: State, condition: Condition, visited: Mapping[State, datetime]) -> Place:
    standing: Standing = "now" if condition.state is state else "was" if state in visited else "not yet"
    return Place(state=state, standing=standing, since=visited.get(state))
