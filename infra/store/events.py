"""The outbox: what happened, in the order of the commits, for live streams that resume and for receivers outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, func, insert, or_, select

from infra.store import sequencing
from infra.store.tables import deliveries, events


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that happened, not yet kept.

    Args:
        name: ``tenant.EVENT`` or ``operation.STATE``.
        data: What to tell of it: a JSON object.
    """

    name: str
    data: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """An event as it is kept.

    Args:
        sequence: Its number: from 1, without holes, in the order of the commits.
        tenant: The tenant that it is about.
        operation: The operation in which it happened.
        name: ``tenant.EVENT`` or ``operation.STATE``.
        data: What to tell of it: a JSON object.
        at: When it happened.
    """

    sequence: int
    tenant: str
    operation: str
    name: str
    data: str
    at: datetime


def append(connection: Connection, tenant: str, operation: str, happenings: Sequence[Happening], now: datetime) -> None:
    """Add events; in the transaction of what they tell, of which it is the last write but the audit log's."""
    first = sequencing.take(connection, "events", len(happenings))
    rows = [
        {
            "sequence": first + index,
            "tenant": tenant,
            "operation": operation,
            "name": each.name,
            "data": msgspec.json.encode(each.data, order="sorted").decode(),
            "at": now,
        }
        for index, each in enumerate(happenings)
    ]
    connection.execute(insert(events), rows)


def after(
    connection: Connection, sequence: int, *, operation: str | None = None, tenant: str | None = None, limit: int = 100
) -> list[StoredEvent]:
    """Events that come after one: what a stream sends that resumes by ``Last-Event-ID`` (HTML, "Server-sent events").

    Args:
        connection: In a transaction.
        sequence: The number of the last event that was seen; 0: none.
        operation: Only those of this operation.
        tenant: Only those of this tenant.
        limit: How many at most.
    """
    statement = select(events).where(events.c.sequence > sequence).order_by(events.c.sequence).limit(limit)
    if operation is not None:
        statement = statement.where(events.c.operation == operation)
    if tenant is not None:
        statement = statement.where(events.c.tenant == tenant)
    return [StoredEvent(**row) for row in connection.execute(statement).mappings()]


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Delete events that are older and that every receiver has been told, and return how many.

    Args:
        connection: In a transaction.
        before: The time of the first that are kept.
        limit: How many at most.
    """
    told = select(func.min(deliveries.c.sequence)).scalar_subquery()
    old = (
        select(events.c.sequence)
        .where(events.c.at < before, or_(told.is_(None), events.c.sequence <= told))
        .order_by(events.c.sequence)
        .limit(limit)
    )
    return connection.execute(delete(events).where(events.c.sequence.in_(old))).rowcount
