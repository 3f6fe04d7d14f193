"""Which kind of operation makes a tenant what a changed spec says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from infra.errors import UserError
from infra.lifecycle.states import OperationKind
from infra.spec import TenantSpec

_MOVED = frozenset({"tier", "network"})
_KINDS = {"suspended": OperationKind.SUSPEND, "active": OperationKind.RESUME}


def kind_of_change(before: TenantSpec, after: TenantSpec) -> OperationKind:
    """The kind of operation that a change of a spec asks for.

    Closing and opening access touch nothing else, so that they take seconds and can always be taken back; a change of
    the state together with anything else is two changes.

    Args:
        before: The spec as it is.
        after: The spec as it is to be.

    Raises:
        UserError: The change is none that one operation makes.
    """
    if before.id != after.id:
        raise UserError(f"the id {before.id} cannot become {after.id}", "an id never changes", "id")
    state = after.lifecycle.state
    if before.lifecycle.state != state:
        opened = before.lifecycle.model_copy(update={"state": state})
        if before.model_copy(update={"lifecycle": opened}) != after:
            raise UserError(
                f"lifecycle.state becomes {state} together with other keys",
                "change the state alone, and the rest before or after it",
                "lifecycle.state",
            )
        return _KINDS[state]
    return OperationKind.UPDATE if before.tier == after.tier else OperationKind.MOVE


def require_move_alone(changed: Iterable[Sequence[str]]) -> None:
    """Refuse a move that changes more of the spec's file than where the tenant is; what comes by its tier may differ.

    Args:
        changed: The ways to the values that differ in the file.

    Raises:
        UserError: It changes more.
    """
    others = sorted({path[0] for path in changed} - _MOVED)
    if others:
        raise UserError(
            f"tier changes together with {', '.join(others)}",
            "change tier and network only, and the rest in a change of its own, before or after the move",
            "tier",
        )
