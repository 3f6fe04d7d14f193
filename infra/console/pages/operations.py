"""Operations: the list of them, one with its steps and what stopped it, and the button that takes it back."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from infra.api.auth.roles import ApiOperation
from infra.api.tenant_rights import OWN_KINDS
from infra.console import reads
from infra.console.forms import Fields
from infra.console.visit import Visit, note_of
from infra.errors import UserError
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import cancel as taken_back
from infra.lifecycle.steps import Step
from infra.store import operations, tenants
from infra.store.database import reading
from infra.store.operations import OperationRecord, UnknownOperation


def show_all(visit: Visit) -> Response:
    """The list, the newest first."""
    open_only = visit.query("show") == "open"
    tenant = visit.query("tenant")
    with reading(visit.parts.store) as connection:
        found = reads.operation_slice(
            connection,
            visit.scope.only,
            tenant=tenant,
            open_only=open_only,
            after=visit.query("after"),
            before=visit.query("before"),
        )
        last = reads.last_event(connection)
    return visit.page("operations.html.jinja", found=found, tenant=tenant, open_only=open_only, last_event=last)


def show(visit: Visit) -> Response:
    """One operation."""
    return _page(visit)


def cancel(visit: Visit, _fields: Fields, _started: str) -> Response:
    """Take an operation back."""
    record = _record(visit)
    try:
        note_of(visit.request).recorded = visit.parts.actions.cancel(visit.asking(""), record.operation.id).recorded
    except UserError as refusal:
        return _page(visit, refusal)
    return RedirectResponse(visit.address(f"/operations/{record.operation.id}"), 303)


def _page(visit: Visit, refusal: UserError | None = None) -> Response:
    record = _record(visit)
    operation = record.operation
    with reading(visit.parts.store) as connection:
        tenant = tenants.get(connection, operation.tenant)
        happened = reads.newest_events(connection, operation=operation.id, limit=50)
        job = reads.job_of(connection, operation.id)
        last = reads.last_event(connection)
    try:
        taken_back(operation, tenant.condition)
        own = visit.scope.only is None or operation.kind in OWN_KINDS
        cancellable = own and visit.may(ApiOperation.OPERATIONS_CANCEL, operation.tenant)
    except UserError:
        cancellable = False
    return visit.page(
        "operation.html.jinja",
        status=409 if refusal else 200,
        record=record,
        operation=operation,
        tenant=tenant,
        steps=_steps(operation),
        job=job,
        happened=happened,
        cancellable=cancellable,
        refusal=refusal,
        last_event=last,
    )


def _record(visit: Visit) -> OperationRecord:
    """The operation of the path; one of a tenant that the caller may not see is not there for it."""
    wanted = visit.path("operation_id")
    with reading(visit.parts.store) as connection:
        record = operations.get(connection, wanted)
    if not visit.scope.covers(record.operation.tenant):
        raise UnknownOperation(f"there is no operation {wanted}", "list the operations to see their ids")
    return record


def _steps(operation: Operation) -> list[tuple[Step, str]]:
    """The steps, each with how it stands: done, running, failed, cancelled, next or not reached."""
    found: list[tuple[Step, str]] = []
    for index, step in enumerate(operation.steps):
        if index < operation.steps_done:
            standing = "done"
        elif index > operation.steps_done:
            standing = "not reached" if operation.final else "to come"
        elif operation.final:
            standing = str(operation.state)
        else:
            standing = "running" if operation.step_begun else "next"
        found.append((step, standing))
    return found
