"""The table of operations: what runs or ran on each tenant, how far it is, and who asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from infra.errors import UserError
from infra.lifecycle.failures import Failure
from infra.lifecycle.operations import Operation, OperationState
from infra.lifecycle.states import OperationKind, State
from infra.store.tables import operations


class UnknownOperation(UserError):
    """There is no operation of that id."""


class OperationRunning(UserError):
    """Another operation on the tenant is not over yet."""


@dataclass(frozen=True, kw_only=True)
class OperationRecord:
    """An operation as it is kept.

    Args:
        operation: What it is and where.
        caller: Who asked for it.
        priority: The lower, the sooner.
        version: One more with each change.
        created_at: When it was accepted.
        changed_at: When it last changed.
        ended_at: When it was over; None: it is not.
    """

    operation: Operation
    caller: str
    priority: int
    version: int
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None


def get(connection: Connection, operation: str) -> OperationRecord:
    """An operation.

    Raises:
        UnknownOperation: there is none of that id.
    """
    row = connection.execute(select(operations).where(operations.c.id == operation)).mappings().one_or_none()
    if row is None:
        raise UnknownOperation(f"there is no operation {operation}", "list the operations to see their ids")
    return record_of(row)


def running(connection: Connection, tenant: str) -> OperationRecord | None:
    """The operation on a tenant that is not over, if there is one."""
    statement = select(operations).where(operations.c.tenant == tenant, operations.c.ended_at.is_(None))
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else record_of(row)


def page(
    connection: Connection, *, tenant: str | None = None, open_only: bool = False, after: str = "", limit: int = 100
) -> list[OperationRecord]:
    """Operations in the order of their ids.

    Args:
        connection: In a transaction.
        tenant: Only those on this tenant.
        open_only: Only those that are not over.
        after: Only those whose id comes after this one: the last id of the page before.
        limit: How many at most.
    """
    statement = select(operations).where(operations.c.id > after).order_by(operations.c.id).limit(limit)
    if tenant is not None:
        statement = statement.where(operations.c.tenant == tenant)
    if open_only:
        statement = statement.where(operations.c.ended_at.is_(None))
    return [record_of(row) for row in connection.execute(statement).mappings()]


def refuse_second(connection: Connection, tenant: str) -> None:
    """Refuse an operation beside another one; the tenant's row is locked by the caller.

    Raises:
        OperationRunning: another one on the tenant is not over.
    """
    other = running(connection, tenant)
    if other is not None:
        raise OperationRunning(
            f"{other.operation.kind} (operation {other.operation.id}) runs on tenant {tenant}",
            "wait until it is over, or cancel it",
            f"tenant {tenant}",
        )


def add(connection: Connection, operation: Operation, caller: str, priority: int, now: datetime) -> None:
    """Keep a new operation; only `infra.store.changes` calls it, which writes the event as well."""
    connection.execute(
        insert(operations).values(
            id=operation.id,
            tenant=operation.tenant,
            kind=str(operation.kind),
            before=str(operation.before),
            stays_suspended=operation.stays_suspended,
            caller=caller,
            priority=priority,
            version=1,
            created_at=now,
            **_position(operation, now),
        )
    )


def write(connection: Connection, operation: Operation, now: datetime) -> None:
    """Keep where an operation is; only `infra.store.changes` calls it, which writes the event as well."""
    connection.execute(
        update(operations)
        .where(operations.c.id == operation.id)
        .values(version=operations.c.version + 1, **_position(operation, now))
    )


def _position(operation: Operation, now: datetime) -> dict[str, object]:
    failure = None if operation.failure is None else msgspec.json.encode(operation.failure).decode()
    return {
        "state": str(operation.state),
        "steps_done": operation.steps_done,
        "step_begun": operation.step_begun,
        "fraction": operation.fraction,
        "failure": failure,
        "changed_at": now,
        "ended_at": now if operation.final else None,
    }


def record_of(row: RowMapping) -> OperationRecord:
    """An operation from a row of the table."""
    operation = Operation(
        id=row["id"],
        tenant=row["tenant"],
        kind=OperationKind(row["kind"]),
        before=State(row["before"]),
        stays_suspended=row["stays_suspended"],
        state=OperationState(row["state"]),
        steps_done=row["steps_done"],
        step_begun=row["step_begun"],
        fraction=row["fraction"],
        failure=None if row["failure"] is None else msgspec.json.decode(row["failure"], type=Failure),
    )
    return OperationRecord(
        operation=operation,
        caller=row["caller"],
        priority=row["priority"],
        version=row["version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        ended_at=row["ended_at"],
    )
