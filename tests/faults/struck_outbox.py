"""Tells a file what happened, with points before and after each event: ``... struck_outbox FOLDER URL BEGUN_AT TWIN``.

TWIN is ``-``, or ``early``: the defect of an outbox that writes that it has told before it has.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from infra.service.outbox.deliverer import deliver
from infra.store import deliveries
from infra.store.database import open_store, transaction
from infra.store.events import StoredEvent
from tests.faults.natural_steps import append
from tests.faults.rebirth import again_and_again
from tests.faults.strike_points import StrikePoints

#: The points of an event: it is on its way; it has arrived, and that is not written yet.
MOMENTS = ("telling", "told")
RECEIVER = "file"
#: How much faster the time of the outbox goes: pauses after a death are not waited for.
_FASTER = 200.0


class FileReceiver:
    """Notes the events that it is told.

    Args:
        folder: Where; and where the points are.
    """

    name = RECEIVER
    batch = 3

    def __init__(self, folder: Path) -> None:
        self._file = folder / "told"
        self._points = StrikePoints(folder)

    def tell(self, events: Sequence[StoredEvent]) -> int:
        """Note events one by one."""
        for each in events:
            self._points.reach(each.operation, each.name, "telling")
            append(self._file, f"{each.sequence}")
            self._points.reach(each.operation, each.name, "told")
        return len(events)


def deliver_early(store: Engine, receiver: FileReceiver, now: Callable[[], datetime]) -> int:
    """The broken twin of `infra.service.outbox.deliverer.deliver`."""
    with transaction(store) as connection:
        events = deliveries.claim(connection, receiver.name, now(), receiver.batch)
        if events:
            deliveries.delivered(connection, receiver.name, events[-1].sequence, now())
    return receiver.tell(events) if events else 0


def main() -> None:
    """Tell until killed."""
    tell = deliver_early if sys.argv[4] == "early" else deliver
    folder, url, begun_at = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])

    def now() -> datetime:
        return datetime.fromtimestamp(begun_at + (time.time() - begun_at) * _FASTER, UTC)

    def run() -> None:
        store, receiver = open_store(url), FileReceiver(folder)
        with transaction(store) as connection:
            deliveries.register(connection, receiver.name, now())
        while True:
            if tell(store, receiver, now) == 0:
                time.sleep(0.02)

    again_and_again(run)


if __name__ == "__main__":
    main()
