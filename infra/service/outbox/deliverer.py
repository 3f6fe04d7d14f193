"""Tells each receiver every event: at least once, in order, again and again at growing distances until it arrives.

How far a receiver was told is written after it has answered. Killed at any moment, the next one tells again what was
not yet written, and nothing is left out.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from infra.service.outbox.receiver import NotTold, Receiver
from infra.store import deliveries
from infra.store.database import reading, transaction

_IDLE_SECONDS = 0.5
_DATABASE_PAUSE_SECONDS = 5.0
_log = logging.getLogger(__name__)


def deliver(store: Engine, receiver: Receiver, now: Callable[[], datetime]) -> int:
    """Tell a receiver what is due.

    Args:
        store: The store.
        receiver: Who is told.
        now: The time, in UTC.

    Returns:
        How many events arrived.
    """
    with reading(store) as connection:
        if not deliveries.due(connection, receiver.name, now()):
            return 0
    with transaction(store) as connection:
        events = deliveries.claim(connection, receiver.name, now(), receiver.batch)
    if not events:
        return 0
    try:
        count = receiver.tell(events)
    except NotTold as problem:
        _log.warning("%s was not told event %d: %s", receiver.name, events[0].sequence, problem)
        return 0
    with transaction(store) as connection:
        deliveries.delivered(connection, receiver.name, events[count - 1].sequence, now())
    return count


def deliver_until(
    stop: threading.Event, store: Engine, receivers: Sequence[Receiver], now: Callable[[], datetime]
) -> None:
    """Tell all receivers, each in a thread of its own, so that none waits for another; returns when told to stop.

    Args:
        stop: Says when.
        store: The store.
        receivers: Who is told.
        now: The time, in UTC.

    Raises:
        Exception: what one of the threads ended with, which ends the others.
    """
    with transaction(store) as connection:
        for receiver in receivers:
            deliveries.register(connection, receiver.name, now())
    with ThreadPoolExecutor(len(receivers), "outbox") as threads:
        running = [threads.submit(_serve, stop, store, receiver, now) for receiver in receivers]
    for each in running:
        each.result()


def _serve(stop: threading.Event, store: Engine, receiver: Receiver, now: Callable[[], datetime]) -> None:
    try:
        while not stop.is_set():
            try:
                if deliver(store, receiver, now) == 0:
                    stop.wait(_IDLE_SECONDS)
            except DBAPIError:
                _log.exception("the database does not answer; %s waits", receiver.name)
                stop.wait(_DATABASE_PAUSE_SECONDS)
    finally:
        stop.set()
