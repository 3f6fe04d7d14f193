"""Asking for operations and for their end: the tenant, the operation, its events and its job in one transaction.

All of it is kept, or nothing: an operation that was accepted is run, whatever is killed next. Who asks writes the audit
log's entry in the same transaction, after these calls.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from infra.jobs import JobRequest, JobStatus, tickets
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import Condition
from infra.lifecycle.progress import cancel as cancelled
from infra.lifecycle.states import OperationKind, State
from infra.provisioning.plans import job_kind
from infra.store import changes, operations, tenants
from infra.store.changes import Asked
from infra.store.operations import OperationRecord, UnknownOperation
from infra.store.tenants import UnknownTenant


def onboard(connection: Connection, asked: Asked, tenant_id: str, spec: Mapping[str, Any]) -> Operation:
    """Ask for a new tenant, or once more for one whose onboarding has failed.

    Args:
        connection: In a transaction.
        asked: Who asks. Asking again with the same operation id is asking once.
        tenant_id: The tenant's id.
        spec: Its spec, as JSON; checked by the operation's first step.

    Raises:
        TenantExists: the id is in use, or was.
        IdReused: the operation id belongs to another operation.
        TextRefused: a text holds a NUL character.
    """
    request = _request(asked, tenant_id, job_kind(OperationKind.ONBOARD), {"spec": spec})
    repeated = _repeated(connection, request)
    if repeated is not None:
        return repeated
    text = json.dumps(spec)
    failed = _failed_onboarding(connection, tenant_id)
    if failed is None:
        operation = changes.request_tenant(connection, tenant_id, text, asked)
    else:
        operation = changes.start(connection, tenant_id, OperationKind.ONBOARD, asked)
        version = tenants.get(connection, tenant_id).version
        tenants.replace_spec(connection, tenant_id, text, version=version, now=asked.now)
    tickets.enqueue(connection, request, asked.now)
    return operation


def change(
    connection: Connection,
    asked: Asked,
    tenant: str,
    kind: OperationKind,
    arguments: Mapping[str, Any],
    *,
    stays_suspended: bool = False,
) -> Operation:
    """Ask for a change of a tenant, or for its erasure.

    Args:
        connection: In a transaction.
        asked: Who asks. Asking again with the same operation id is asking once.
        tenant: The tenant's id.
        kind: What is to be done; not `OperationKind.ONBOARD`.
        arguments: What the steps need, as JSON.
        stays_suspended: Whether the tenant's spec says that it is suspended after the operation as well.

    Raises:
        UnknownTenant: there is none of that id.
        OperationRunning: another operation on it is not over.
        TransitionRefused: the operation is not possible in its state.
        IdReused: the operation id belongs to another operation.
        TextRefused: a text holds a NUL character.
    """
    if kind is OperationKind.ONBOARD:
        raise ValueError("a tenant is onboarded by onboard()")
    request = _request(asked, tenant, job_kind(kind, stays_suspended=stays_suspended), arguments)
    repeated = _repeated(connection, request)
    if repeated is not None:
        return repeated
    operation = changes.start(connection, tenant, kind, asked, stays_suspended=stays_suspended)
    tickets.enqueue(connection, request, asked.now)
    return operation


def cancel(connection: Connection, operation: str, now: datetime) -> OperationRecord:
    """Ask that an operation ends: at once where it has done nothing, else before its next step.

    What it has changed until then is put back first. One that reaches its end before its next step has succeeded.

    Args:
        connection: In a transaction.
        operation: The operation's id.
        now: The time.

    Raises:
        UnknownOperation: there is none of that id.
        TransitionRefused: it is over, or past the point from which it can only go on.
    """
    operations.get(connection, operation)
    tickets.get(connection, operation, lock=True)
    found = operations.get(connection, operation)
    condition = tenants.get(connection, found.operation.tenant, lock=True).condition
    cancelled(found.operation, condition)  # refuses where that is not possible any more
    if tickets.cancel(connection, operation, now) is JobStatus.CANCELLED:
        changes.move(connection, operation, cancelled, now)
    return operations.get(connection, operation)


def _request(asked: Asked, tenant: str, kind: str, arguments: Mapping[str, Any]) -> JobRequest:
    return JobRequest(
        id=asked.operation,
        tenant=tenant,
        caller=asked.caller,
        kind=kind,
        arguments=arguments,
        priority=asked.priority,
    )


def _repeated(connection: Connection, request: JobRequest) -> Operation | None:
    """The operation, where it was asked for before."""
    try:
        found = operations.get(connection, request.id)
    except UnknownOperation:
        return None
    tickets.require_same(connection, request)
    return found.operation


def _failed_onboarding(connection: Connection, tenant: str) -> Condition | None:
    try:
        condition = tenants.get(connection, tenant, lock=True).condition
    except UnknownTenant:
        return None
    again = condition.state is State.FAILED and condition.failed_in is OperationKind.ONBOARD
    return condition if again else None
