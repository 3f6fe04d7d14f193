"""What the console reads of the store: tenants, operations, a tenant's way through its states, the audit log.

Every function takes the one tenant that the caller may see, or None for all, and asks the database for no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import msgspec
from sqlalchemy import ColumnElement, Connection, String, desc, func, literal, or_, select
from sqlalchemy import cast as cast_column
from sqlalchemy.dialects.postgresql import JSONB

from infra.jobs import tickets
from infra.jobs.model import JobMissing, JobRecord
from infra.lifecycle.operations import OperationState
from infra.lifecycle.states import State
from infra.store import operations as stored_operations
from infra.store.audit_log import AuditEntry
from infra.store.events import StoredEvent
from infra.store.operations import OperationRecord
from infra.store.tables import audit_log, events, operations, sequences, tenants
from infra.store.tenants import TenantRecord, record_of

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """A part of a list.

    Attributes:
        rows: Its rows, in the list's order.
        earlier: Whether there are rows before them.
        later: Whether there are rows after them.
    """

    rows: tuple[Row, ...]
    earlier: bool
    later: bool


def tenant_slice(
    connection: Connection,
    only: str | None,
    *,
    states: Collection[State] = (),
    words: str = "",
    after: str = "",
    before: str = "",
    limit: int = 25,
) -> Slice[TenantRecord]:
    """Tenants by their ids, after one or before one.

    Args:
        connection: In a transaction.
        only: The one tenant that may be seen; None: all.
        states: Only those in these states; none: all.
        words: Only those with this in their id or display name, whatever the case.
        after: Only those after this id.
        before: Only those before this id, the nearest ones; it excludes ``after``.
        limit: How many at most.
    """
    statement = select(tenants)
    if only is not None:
        statement = statement.where(tenants.c.id == only)
    if states:
        statement = statement.where(tenants.c.state.in_([str(each) for each in states]))
    if words:
        name = func.lower(_of_spec(connection, "display_name"))
        lowered = words.lower()
        found = [tenants.c.id.contains(lowered, autoescape=True), name.contains(lowered, autoescape=True)]
        statement = statement.where(or_(*found))
    backwards = bool(before)
    if backwards:
        statement = statement.where(tenants.c.id < before).order_by(desc(tenants.c.id))
    else:
        statement = statement.where(tenants.c.id > after).order_by(tenants.c.id)
    rows = [record_of(row) for row in connection.execute(statement.limit(limit + 1)).mappings()]
    return _slice(rows, limit, backwards=backwards, began=bool(after))


def tenant_counts(connection: Connection, only: str | None) -> dict[State, int]:
    """How many tenants there are in each state that has any."""
    statement = select(tenants.c.state, func.count()).group_by(tenants.c.state)
    if only is not None:
        statement = statement.where(tenants.c.id == only)
    return {State(state): count for state, count in connection.execute(statement).tuples()}


def running_on(connection: Connection, ids: Collection[str]) -> dict[str, OperationRecord]:
    """The operations that are not over, by their tenants, of which there are at most a page."""
    statement = select(operations).where(operations.c.tenant.in_(list(ids)), operations.c.ended_at.is_(None))
    found = [stored_operations.record_of(row) for row in connection.execute(statement).mappings()]
    return {each.operation.tenant: each for each in found}


def operation_slice(
    connection: Connection,
    only: str | None,
    *,
    tenant: str = "",
    open_only: bool = False,
    after: str = "",
    before: str = "",
    limit: int = 25,
) -> Slice[OperationRecord]:
    """Operations, the newest first: their ids are in the order of time.

    Args:
        connection: In a transaction.
        only: The one tenant whose operations may be seen; None: all.
        tenant: Only those on this tenant.
        open_only: Only those that are not over.
        after: Only those after this one in the list: older ones.
        before: Only those before this one in the list, the nearest ones; it excludes ``after``.
        limit: How many at most.
    """
    statement = select(operations)
    for wanted in (only, tenant):
        if wanted:
            statement = statement.where(operations.c.tenant == wanted)
    if open_only:
        statement = statement.where(operations.c.ended_at.is_(None))
    backwards = bool(before)
    if backwards:
        statement = statement.where(operations.c.id > before).order_by(operations.c.id)
    else:
        older = operations.c.id < after if after else literal(value=True)
        statement = statement.where(older).order_by(desc(operations.c.id))
    rows = [stored_operations.record_of(row) for row in connection.execute(statement.limit(limit + 1)).mappings()]
    return _slice(rows, limit, backwards=backwards, began=bool(after))


def job_of(connection: Connection, operation: str) -> JobRecord | None:
    """The job that does an operation: how many resources its step has dealt with, and whether it is to end."""
    try:
        return tickets.get(connection, operation)
    except JobMissing:
        return None


def newest_events(
    connection: Connection, *, tenant: str | None = None, operation: str | None = None, limit: int = 20
) -> list[StoredEvent]:
    """The newest events, the newest first: of an operation, or of a tenant without how far its operations are."""
    statement = select(events).order_by(desc(events.c.sequence)).limit(limit)
    if tenant is not None:
        statement = statement.where(_of_tenant(tenant), events.c.name != f"operation.{OperationState.RUNNING}")
    if operation is not None:
        statement = statement.where(events.c.operation == operation)
    return [StoredEvent(**row) for row in connection.execute(statement).mappings()]


def last_event(connection: Connection) -> int:
    """The number of the newest event: a live stream that begins after it misses none that a page does not show."""
    return connection.execute(select(sequences.c.last).where(sequences.c.name == "events")).scalar_one()


def visited(connection: Connection, tenant: str) -> dict[State, datetime]:
    """The states that a tenant was in, each with when it last came to it."""
    statement = (
        select(events.c.data, events.c.at)
        .where(_of_tenant(tenant), events.c.name.startswith("tenant."))
        .order_by(events.c.sequence)
    )
    found: dict[State, datetime] = {}
    for data, at in connection.execute(statement).tuples():
        found[State(cast("dict[str, Any]", msgspec.json.decode(data))["to"])] = at
    return found


def audit_slice(
    connection: Connection, *, subject: str = "", actor: str = "", after: int = 0, limit: int = 50
) -> Slice[AuditEntry]:
    """Entries of the audit log, the newest first.

    Args:
        connection: In a transaction.
        subject: Only those about this, or about what is below it: ``tenants/acme``.
        actor: Only those of this actor.
        after: Only older ones than this; 0: from the newest on.
        limit: How many at most.
    """
    statement = select(audit_log).order_by(desc(audit_log.c.sequence)).limit(limit + 1)
    if subject:
        statement = statement.where(audit_log.c.subject.contains(subject, autoescape=True))
    if actor:
        statement = statement.where(audit_log.c.actor.contains(actor, autoescape=True))
    if after:
        statement = statement.where(audit_log.c.sequence < after)
    rows = [AuditEntry(**row) for row in connection.execute(statement).mappings()]
    return _slice(rows, limit, backwards=False, began=bool(after))


def _of_tenant(tenant: str) -> ColumnElement[bool]:
    """A tenant's events, by its operations: there is an index for each of the two."""
    return events.c.operation.in_(select(operations.c.id).where(operations.c.tenant == tenant))


def _slice(rows: Iterable[Row], limit: int, *, backwards: bool, began: bool) -> Slice[Row]:
    """The part of a list, from one row more than wanted, which tells whether there are more."""
    read = list(rows)
    more = len(read) > limit
    kept = read[:limit]
    if backwards:
        return Slice(tuple(reversed(kept)), earlier=more, later=True)
    return Slice(tuple(kept), earlier=began, later=more)


def _of_spec(connection: Connection, name: str) -> ColumnElement[str]:
    """A text of the specs; each database has its own function for it."""
    if connection.dialect.name == "postgresql":
        return cast_column(tenants.c.spec, JSONB)[name].astext
    return cast_column(func.json_extract(tenants.c.spec, f"$.{name}"), String)
