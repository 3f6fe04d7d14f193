"""The table of operations: who asked for what, whose turn it is, and how far each is.

DBOS keeps the steps; this table keeps the order, because the partitions of a DBOS queue are taken at random. A row is
written in the transaction of whoever asks, so that nothing can be lost between a row and a message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from infra.jobs.database import exclusive
from infra.jobs.model import (
    LONGEST_NAME,
    Cancelled,
    ErrorClass,
    Failure,
    IdReused,
    OperationMissing,
    OperationRecord,
    OperationRequest,
    OperationStatus,
)

_METADATA = sa.MetaData()

TICKETS = sa.Table(
    "job_tickets",
    _METADATA,
    sa.Column("id", sa.String(LONGEST_NAME), primary_key=True),
    sa.Column("tenant", sa.String(LONGEST_NAME), nullable=False),
    sa.Column("caller", sa.String(LONGEST_NAME), nullable=False),
    sa.Column("kind", sa.String(LONGEST_NAME), nullable=False),
    sa.Column("arguments", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("turn", sa.BigInteger, unique=True),
    sa.Column("step", sa.String(64), nullable=False, default=""),
    sa.Column("steps_done", sa.Integer, nullable=False, default=0),
    sa.Column("steps", sa.Integer, nullable=False, default=0),
    sa.Column("done", sa.Integer, nullable=False, default=0),
    sa.Column("total", sa.Integer, nullable=False, default=0),
    sa.Column("cancel_requested", sa.Boolean, nullable=False, default=False),
    sa.Column("failure", sa.Text),
    sa.Index("job_tickets_by_status", "status", "priority", "sequence"),
    sa.Index("job_tickets_by_tenant", "tenant", "status"),
    sa.Index("job_tickets_by_caller", "caller", "turn"),
)
_C = TICKETS.c


class Tickets:
    """Operations in a database.

    Args:
        engine: The database, as `infra.jobs.database.open_database` opened it.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def create_table(self) -> None:
        """Make the table where there is none; safe from several processes at once."""
        with exclusive(self._engine) as connection:
            _METADATA.create_all(connection)

    def enqueue(self, request: OperationRequest) -> OperationRecord:
        """Ask for an operation; asking again with the same id returns the one that exists.

        Raises:
            IdReused: an operation with that id asks for something else.
        """
        with exclusive(self._engine) as connection:
            return enqueue_in(connection, request)

    def get(self, operation: str) -> OperationRecord:
        """An operation as it stands.

        Raises:
            OperationMissing: there is none with that id.
        """
        with self._engine.connect() as connection:
            return _require(connection, operation)

    def list(self, *statuses: OperationStatus) -> list[OperationRecord]:
        """Operations with any of the statuses, in the order in which they were asked for; without one: all."""
        query = sa.select(TICKETS).order_by(_C.sequence)
        if statuses:
            query = query.where(_C.status.in_(statuses))
        with self._engine.connect() as connection:
            return [_record(row) for row in connection.execute(query).mappings()]

    def cancel(self, operation: str) -> Cancelled:
        """Ask that an operation ends: at once while it waits, before its next step while it runs.

        Raises:
            OperationMissing: there is none with that id.
        """
        with exclusive(self._engine) as connection:
            record = _require(connection, operation)
            status = record.status
            if status is OperationStatus.WAITING:
                status = OperationStatus.CANCELED
            if not record.status.is_final:
                _update(connection, operation, status=status, cancel_requested=True)
        return Cancelled(status)

    def admit(self, limit: int) -> OperationRecord | None:
        """Give the next operation its turn.

        The order: lower priority numbers first; then the caller with the fewest running operations; then the caller
        whose last turn is longest ago; then first come. A tenant's operations of one priority keep their order, whoever
        asked.

        Args:
            limit: How many operations may run at a time over all workers.

        Returns:
            The operation; None where the limit is reached or no tenant that waits is free.
        """
        with self._engine.connect() as connection:
            if _next_within(connection, limit) is None:  # most often: do not make others wait for that
                return None
        with exclusive(self._engine) as connection:
            operation = _next_within(connection, limit)
            if operation is None:
                return None
            turn = connection.execute(sa.select(sa.func.coalesce(sa.func.max(_C.turn), 0))).scalar_one() + 1
            _update(connection, operation, status=OperationStatus.ADMITTED, turn=turn)
            return _require(connection, operation)

    def report(self, operation: str, *, step: str, steps_done: int, steps: int, done: int = 0, total: int = 0) -> None:
        """Note how far an operation is. See `OperationRecord` for the arguments."""
        with exclusive(self._engine) as connection:
            _update(
                connection,
                operation,
                step=step,
                steps_done=steps_done,
                steps=steps,
                done=done,
                total=total,
                running=True,
            )

    def finish(self, operation: str, status: OperationStatus, failure: Failure | None = None) -> None:
        """End an operation; one that has ended already stays as it is.

        Args:
            operation: Its id.
            status: A final status.
            failure: Why it failed.
        """
        text = None if failure is None else json.dumps([failure.error_class, failure.message, failure.remedy])
        with exclusive(self._engine) as connection:
            changes: dict[str, Any] = {"status": status, "failure": text}
            if status is OperationStatus.SUCCEEDED:
                changes |= {"steps_done": _C.steps, "done": 0, "total": 0}
            _update(connection, operation, running=True, **changes)


def enqueue_in(connection: sa.Connection, request: OperationRequest) -> OperationRecord:
    """As `Tickets.enqueue`, in the caller's own exclusive transaction, together with its other rows.

    Args:
        connection: From `infra.jobs.database.exclusive`.
        request: What is asked for.

    Raises:
        IdReused: an operation with that id asks for something else.
    """
    known = connection.execute(sa.select(_C.digest).where(_C.id == request.id)).scalar()
    if known is None:
        sequence = connection.execute(sa.select(sa.func.coalesce(sa.func.max(_C.sequence), 0))).scalar_one() + 1
        connection.execute(
            sa.insert(TICKETS).values(
                id=request.id,
                tenant=request.tenant,
                caller=request.caller,
                kind=request.kind,
                arguments=json.dumps(request.arguments),
                priority=request.priority,
                digest=request.digest(),
                sequence=sequence,
                status=OperationStatus.WAITING,
            )
        )
    elif known != request.digest():
        raise IdReused(
            f"the id {request.id} belongs to another operation",
            remedy="repeat the request as it was, or choose another id",
            where=request.id,
        )
    return _require(connection, request.id)


def _next_within(connection: sa.Connection, limit: int) -> str | None:
    """The operation whose turn it is, unless so many run already."""
    count = sa.select(sa.func.count()).where(_C.status == OperationStatus.ADMITTED)
    return None if connection.execute(count).scalar_one() >= limit else connection.execute(_next()).scalar()


def _next() -> sa.Select[Any]:
    """The waiting operation whose turn it is."""
    busy, earlier, peers = TICKETS.alias("busy"), TICKETS.alias("earlier"), TICKETS.alias("peers")
    tenant_is_busy = sa.exists().where(busy.c.tenant == _C.tenant, busy.c.status == OperationStatus.ADMITTED)
    same_tenant_first = sa.exists().where(
        earlier.c.tenant == _C.tenant,
        earlier.c.status == OperationStatus.WAITING,
        earlier.c.sequence < _C.sequence,
        earlier.c.priority <= _C.priority,
    )
    running = (
        sa.select(sa.func.count())
        .where(peers.c.caller == _C.caller, peers.c.status == OperationStatus.ADMITTED)
        .scalar_subquery()
    )
    last_turn = (
        sa.select(sa.func.coalesce(sa.func.max(peers.c.turn), 0)).where(peers.c.caller == _C.caller).scalar_subquery()
    )
    return (
        sa.select(_C.id)
        .where(_C.status == OperationStatus.WAITING, ~tenant_is_busy, ~same_tenant_first)
        .order_by(_C.priority, running, last_turn, _C.sequence)
        .limit(1)
    )


def _update(connection: sa.Connection, operation: str, *, running: bool = False, **changes: Any) -> None:
    statement = sa.update(TICKETS).where(_C.id == operation).values(**changes)
    if running:
        statement = statement.where(_C.status == OperationStatus.ADMITTED)
    connection.execute(statement)


def _require(connection: sa.Connection, operation: str) -> OperationRecord:
    row = connection.execute(sa.select(TICKETS).where(_C.id == operation)).mappings().first()
    if row is None:
        raise OperationMissing(f"there is no operation {operation}", remedy="list the operations to find its id")
    return _record(row)


def _record(row: Mapping[Any, Any]) -> OperationRecord:
    request = OperationRequest(
        id=row["id"],
        tenant=row["tenant"],
        caller=row["caller"],
        kind=row["kind"],
        arguments=json.loads(row["arguments"]),
        priority=row["priority"],
    )
    return OperationRecord(
        request=request,
        status=OperationStatus(row["status"]),
        turn=row["turn"],
        step=row["step"],
        steps_done=row["steps_done"],
        steps=row["steps"],
        done=row["done"],
        total=row["total"],
        cancel_requested=row["cancel_requested"],
        failure=_failure(row["failure"]),
    )


def _failure(text: str | None) -> Failure | None:
    if text is None:
        return None
    fields: Sequence[str] = json.loads(text)
    return Failure(ErrorClass(fields[0]), fields[1], fields[2])
