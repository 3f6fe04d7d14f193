"""The table of tenants: each with its spec, its state and the version that its ETag is made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, RowMapping, select, update

from infra.errors import UserError
from infra.lifecycle.failures import Failure
from infra.lifecycle.progress import Condition
from infra.lifecycle.states import State
from infra.store.inserting import insert_if_absent
from infra.store.tables import tenants


class UnknownTenant(UserError):
    """There is no tenant of that id."""


class TenantExists(UserError):
    """The id is in use, or was."""


class StaleVersion(UserError):
    """Somebody else has changed it since it was read."""


@dataclass(frozen=True, kw_only=True)
class TenantRecord:
    """A tenant as it is kept.

    Args:
        id: Its id.
        condition: Its state, and in ``failed`` the reason.
        spec: Its spec as JSON.
        version: One more with each change.
        created_at: When it was requested.
        changed_at: When it was last changed.
    """

    id: str
    condition: Condition
    spec: str
    version: int
    created_at: datetime
    changed_at: datetime


def get(connection: Connection, tenant: str, *, lock: bool = False) -> TenantRecord:
    """A tenant.

    Args:
        connection: In a transaction.
        tenant: Its id.
        lock: Whether others may not change it until the transaction ends.

    Raises:
        UnknownTenant: there is none of that id.
    """
    statement = select(tenants).where(tenants.c.id == tenant)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().one_or_none()
    if row is None:
        raise UnknownTenant(f"there is no tenant {tenant}", "list the tenants to see their ids")
    return record_of(row)


def page(
    connection: Connection, *, states: Collection[State] = (), after: str = "", limit: int = 100
) -> list[TenantRecord]:
    """Tenants in the order of their ids.

    Args:
        connection: In a transaction.
        states: Only those in these states; none: all.
        after: Only those whose id comes after this one: the last id of the page before.
        limit: How many at most.
    """
    statement = select(tenants).where(tenants.c.id > after).order_by(tenants.c.id).limit(limit)
    if states:
        statement = statement.where(tenants.c.state.in_([str(each) for each in states]))
    return [record_of(row) for row in connection.execute(statement).mappings()]


def replace_spec(connection: Connection, tenant: str, spec: str, *, version: int, now: datetime) -> TenantRecord:
    """Give a tenant another spec.

    Args:
        connection: In a transaction.
        tenant: Its id.
        spec: The new spec as JSON.
        version: The version that the change was made from.
        now: The time.

    Raises:
        UnknownTenant: there is none of that id.
        StaleVersion: it has another version by now.
    """
    found = get(connection, tenant, lock=True)
    if found.version != version:
        raise StaleVersion(
            f"tenant {tenant} is at version {found.version}, the change was made from {version}",
            "read it again, and make the change from what it is now",
        )
    _update(connection, found, now, spec=spec)
    return get(connection, tenant)


def add(connection: Connection, tenant: str, spec: str, condition: Condition, now: datetime) -> None:
    """Keep a new tenant; only `infra.store.changes` calls it, which writes the event as well.

    Raises:
        TenantExists: the id is in use, or was.
    """
    values = {"id": tenant, "state": str(condition.state), "spec": spec, "version": 1, "created_at": now}
    if not insert_if_absent(connection, tenants, {**values, "changed_at": now}):
        state = get(connection, tenant).condition.state
        remedy = "choose another id; that of an erased tenant is not used again"
        raise TenantExists(f"tenant {tenant} exists and is {state}", remedy)


def write_condition(connection: Connection, tenant: TenantRecord, condition: Condition, now: datetime) -> None:
    """Keep a tenant's new state; only `infra.store.changes` calls it, which writes the event as well."""
    failure = None if condition.failure is None else msgspec.json.encode(condition.failure).decode()
    _update(connection, tenant, now, state=str(condition.state), failure=failure)


def _update(connection: Connection, tenant: TenantRecord, now: datetime, **values: str | None) -> None:
    connection.execute(
        update(tenants).where(tenants.c.id == tenant.id).values(version=tenants.c.version + 1, changed_at=now, **values)
    )


def record_of(row: RowMapping) -> TenantRecord:
    """A tenant from a row of the table."""
    failure = None if row["failure"] is None else msgspec.json.decode(row["failure"], type=Failure)
    return TenantRecord(
        id=row["id"],
        condition=Condition(state=State(row["state"]), failure=failure),
        spec=row["spec"],
        version=row["version"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
    )
