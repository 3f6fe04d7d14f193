"""What is told events: a webhook, or a bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from infra.store.events import StoredEvent

#: A receiver answers or fails within so many seconds: less than the time for which `infra.store.deliveries.claim` gives
#: events to nobody else, so that no two processes tell the same one at a time.
SEND_SECONDS = 4.0


class NotTold(Exception):
    """An event did not arrive; the message says why, without secrets."""


class Receiver(Protocol):
    """One of those that are told events."""

    @property
    def name(self) -> str:
        """Under which it is kept how far this receiver was told."""
        ...

    @property
    def batch(self) -> int:
        """How many events it takes at a time."""
        ...

    def tell(self, events: Sequence[StoredEvent]) -> int:
        """Tell events, within `SEND_SECONDS`.

        Args:
            events: In their order, at most `batch` and at least one.

        Returns:
            How many arrived, from the first on, before one that did not; at least one.

        Raises:
            NotTold: not even the first arrived.
        """
        ...
