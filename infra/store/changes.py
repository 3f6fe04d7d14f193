"""The only way in which a tenant's state is written: with its operation and the events of it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from infra.lifecycle.operations import Operation, accept
from infra.lifecycle.progress import Change, Condition
from infra.lifecycle.states import Event, OperationKind, State
from infra.lifecycle.transitions import next_state
from infra.store import events, operations, tenants
from infra.store.events import Happening

#: How an operation and its tenant move: `infra.lifecycle.progress` with what it needs besides.
Move = Callable[[Operation, Condition], Change]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for an operation, under which id.

    Args:
        operation: The operation's id, chosen by the caller: a request that is repeated has the same.
        caller: Who asks.
        priority: The lower, the sooner.
        now: The time.
    """

    operation: str
    caller: str
    priority: int
    now: datetime


def request_tenant(connection: Connection, tenant: str, spec: str, asked: Asked) -> Operation:
    """Keep a new tenant and the operation that is to onboard it.

    Args:
        connection: In a transaction.
        tenant: The new tenant's id.
        spec: Its spec as JSON.
        asked: Who asks.

    Raises:
        TenantExists: the id is in use, or was.
    """
    condition = Condition(state=State.REQUESTED)
    tenants.add(connection, tenant, spec, condition, asked.now)
    operation = accept(asked.operation, tenant, OperationKind.ONBOARD, state=State.REQUESTED)
    operations.add(connection, operation, asked.caller, asked.priority, asked.now)
    change = Change(operation=operation, condition=condition, event=Event.ONBOARDING_REQUESTED)
    _tell(connection, change, None, asked.now)
    return operation


def adopt(connection: Connection, tenant: str, spec: str, *, suspended: bool, now: datetime) -> None:
    """Keep a tenant that was onboarded past the service, by an engine run by hand.

    Args:
        connection: In a transaction.
        tenant: Its id.
        spec: Its spec as JSON.
        suspended: Whether the spec says that it is suspended.
        now: The time.

    Raises:
        TenantExists: the id is in use, or was.
    """
    event = Event.ADOPTED_SUSPENDED if suspended else Event.ADOPTED
    condition = Condition(state=next_state(None, event, during=OperationKind.ONBOARD))
    tenants.add(connection, tenant, spec, condition, now)
    data = {"from": None, "to": condition.state, "failure": None}
    events.append(connection, tenant, "", [Happening(name=f"tenant.{event}", data=data)], now)


def start(
    connection: Connection, tenant: str, kind: OperationKind, asked: Asked, *, stays_suspended: bool = False
) -> Operation:
    """Keep an operation that is to be done to a tenant.

    Args:
        connection: In a transaction.
        tenant: The tenant's id.
        kind: What is to be done.
        asked: Who asks.
        stays_suspended: Whether the tenant's spec says that it is suspended after the operation as well.

    Raises:
        UnknownTenant: there is none of that id.
        OperationRunning: another operation on it is not over.
        TransitionRefused: the operation is not possible in its state.
    """
    found = tenants.get(connection, tenant, lock=True)
    condition = found.condition
    operations.refuse_second(connection, tenant)
    operation = accept(
        asked.operation,
        tenant,
        kind,
        state=condition.state,
        failed_in=condition.failed_in,
        stays_suspended=stays_suspended,
    )
    operations.add(connection, operation, asked.caller, asked.priority, asked.now)
    _tell(connection, Change(operation=operation, condition=condition), condition.state, asked.now)
    return operation


def move(connection: Connection, operation: str, how: Move, now: datetime) -> Change:
    """Move an operation and its tenant on, and tell it; what changes nothing writes nothing.

    Args:
        connection: In a transaction; others that move the same tenant wait for its end.
        operation: The operation's id.
        how: What happens: ``lambda operation, condition: begin_step(operation, condition, "apply")``.
        now: The time.

    Raises:
        UnknownOperation: there is none of that id.
        TransitionRefused: it is not possible where the operation and the tenant are.
    """
    tenant = tenants.get(connection, operations.get(connection, operation).operation.tenant, lock=True)
    # Read again: only now nobody else changes it.
    before = operations.get(connection, operation).operation
    change = how(before, tenant.condition)
    if change.operation != before:
        operations.write(connection, change.operation, now)
    if change.condition != tenant.condition:
        tenants.write_condition(connection, tenant, change.condition, now)
    if change.operation != before or change.event is not None:
        _tell(connection, change, tenant.condition.state, now)
    return change


def _tell(connection: Connection, change: Change, before: State | None, now: datetime) -> None:
    operation = change.operation
    happenings: list[Happening] = []
    if change.event is not None:
        data = {"from": before, "to": change.condition.state, "failure": change.condition.failure}
        happenings.append(Happening(name=f"tenant.{change.event}", data=data))
    data = {
        "kind": operation.kind,
        "step": operation.step.name if operation.step else None,
        "percent": operation.percent,
        "failure": operation.failure,
    }
    happenings.append(Happening(name=f"operation.{operation.state}", data=data))
    events.append(connection, operation.tenant, operation.id, happenings, now)
