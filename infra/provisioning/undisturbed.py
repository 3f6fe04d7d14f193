"""Has a rollout wait for the operations that callers have started on a tenant: only one of the two works on it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Engine as Store

from infra.fleet import Actions, Done, Planned
from infra.store import operations
from infra.store.database import reading

#: So long an operation is waited for, in seconds; one with a grace period takes days.
PATIENCE_SECONDS = 1800.0
_PAUSE_SECONDS = 0.5


class Undisturbed:
    """Actions that begin when no operation runs on their tenants.

    Args:
        actions: Do it.
        store: The service's database.
        patience: How long an operation is waited for, in seconds; then its tenant fails the check or the upgrade, and
            is rolled back all the same.
        clock: Seconds on a clock that never goes back.
        pause: Waits for so many seconds.
    """

    def __init__(
        self,
        actions: Actions,
        store: Store,
        *,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._actions = actions
        self._store = store
        self._patience = patience
        self._clock = clock
        self._pause = pause

    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """As `Actions`; a tenant whose operation does not end fails."""
        busy = self._waited(tenants)
        return busy | dict(self._actions.check(to, _without(tenants, busy)))

    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """As `Actions`; a tenant whose operation does not end fails."""
        busy = self._waited(tenants)
        return busy | dict(self._actions.upgrade(to, _without(tenants, busy)))

    def verify(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """As `Actions`."""
        self._waited(tenants)
        return self._actions.verify(to, tenants)

    def roll_back(self, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """As `Actions`."""
        self._waited(tenants)
        return self._actions.roll_back(tenants)

    def _waited(self, tenants: Sequence[Planned]) -> dict[str, Done]:
        """Wait; the tenants on which an operation still runs, as failed."""
        given_up = self._clock() + self._patience
        while True:
            busy = self._busy(tenants)
            if not busy or self._clock() >= given_up:
                return busy
            self._pause(_PAUSE_SECONDS)

    def _busy(self, tenants: Sequence[Planned]) -> dict[str, Done]:
        found: dict[str, Done] = {}
        with reading(self._store) as connection:
            for one in tenants:
                if (record := operations.running(connection, one.tenant)) is not None:
                    operation = record.operation
                    why = f"its {operation.kind} {operation.id} did not end in time: begin another rollout after it"
                    found[one.tenant] = Done(outcome="failed", detail=why)
        return found


def _without(tenants: Sequence[Planned], busy: Mapping[str, Done]) -> list[Planned]:
    return [one for one in tenants if one.tenant not in busy]
