"""Which events each receiver outside has been told: at least once, in order, tried again at growing distances."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from infra.store import events
from infra.store.events import StoredEvent
from infra.store.inserting import insert_if_absent
from infra.store.tables import deliveries
from infra.store.tables import events as event_table

#: The first distance between two tries; each next one is twice as long, up to the longest.
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


def register(connection: Connection, receiver: str, now: datetime) -> None:
    """Tell a receiver all events from the first on; one that is known already goes on where it is."""
    values = {"receiver": receiver, "sequence": 0, "attempts": 0, "next_attempt_at": now}
    insert_if_absent(connection, deliveries, values)


def due(connection: Connection, receiver: str, now: datetime) -> bool:
    """Whether `claim` would give out anything; to look costs no lock.

    Args:
        connection: In a transaction.
        receiver: Who is to be told.
        now: The time.
    """
    follows = exists().where(event_table.c.sequence > deliveries.c.sequence)
    waiting = select(deliveries.c.receiver).where(
        deliveries.c.receiver == receiver, deliveries.c.next_attempt_at <= now, follows
    )
    return connection.execute(waiting).first() is not None


def claim(connection: Connection, receiver: str, now: datetime, limit: int = 50) -> list[StoredEvent]:
    """The events to send to a receiver now; nobody else is given them until the next try is due.

    Whoever claimed them and was killed, or had no success, need not do anything: they are given out again.

    Args:
        connection: In a transaction.
        receiver: Who is to be told.
        now: The time.
        limit: How many at most.
    """
    statement = select(deliveries).where(deliveries.c.receiver == receiver, deliveries.c.next_attempt_at <= now)
    row = connection.execute(statement.with_for_update()).mappings().one_or_none()
    if row is None:
        return []
    found = events.after(connection, row["sequence"], limit=limit)
    if found:
        _write(connection, receiver, row["sequence"], row["attempts"] + 1, now + delay(row["attempts"]))
    return found


def delivered(connection: Connection, receiver: str, sequence: int, now: datetime) -> None:
    """Keep that a receiver has been told up to an event; one that is late does not take it back."""
    current = connection.execute(
        select(deliveries.c.sequence).where(deliveries.c.receiver == receiver).with_for_update()
    ).scalar_one()
    if sequence > current:
        _write(connection, receiver, sequence, 0, now)


def delay(attempts: int) -> timedelta:
    """How long after a try the next one is due, after that many tries without success before it."""
    return min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts, 20))


def _write(connection: Connection, receiver: str, sequence: int, attempts: int, next_attempt_at: datetime) -> None:
    connection.execute(
        update(deliveries)
        .where(deliveries.c.receiver == receiver)
        .values(sequence=sequence, attempts=attempts, next_attempt_at=next_attempt_at)
    )
