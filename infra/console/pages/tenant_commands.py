"""What is done to a tenant: each command has a page that says what it does, and asks once more before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from infra.api.asking import Accepted
from infra.console import reads
from infra.console.forms import FieldRefused, Fields
from infra.console.sessions import FormRefused
from infra.console.spec_facts import spec_facts
from infra.console.visit import Visit, note_of
from infra.errors import UserError
from infra.lifecycle.states import OperationKind
from infra.lifecycle.steps import startable
from infra.store import tenants
from infra.store.database import reading

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_/-]{0,99}", re.ASCII)
_LONGEST_GRACE_HOURS = 24 * 90


def ask(kind: OperationKind) -> Callable[[Visit], Response]:
    """The page that asks for a command.

    Args:
        kind: The operation that the command starts.
    """
    return lambda visit: _page(visit, kind)


def do(kind: OperationKind) -> Callable[[Visit, Fields, str], Response]:
    """What does a command when its form is sent.

    Args:
        kind: The operation that the command starts.
    """

    def act(visit: Visit, fields: Fields, operation: str) -> Response:
        if not operation:
            raise FormRefused
        try:
            accepted = _do(kind, visit, fields, operation)
        except UserError as refusal:
            return _page(visit, kind, refusal, fields)
        note_of(visit.request).recorded = accepted.recorded
        if accepted.proposal is not None:
            return visit.page("proposed.html.jinja", status=202, proposal=accepted.proposal, tenant=accepted.tenant)
        begun = accepted.operation
        address = f"/operations/{begun.operation.id}" if begun else f"/tenants/{accepted.tenant}"
        return RedirectResponse(visit.address(address), 303)

    return act


def _do(kind: OperationKind, visit: Visit, fields: Fields, operation: str) -> Accepted:
    actions, asking, tenant = visit.parts.actions, visit.asking(operation), visit.path("tenant_id")
    match kind:
        case OperationKind.SUSPEND:
            return actions.suspend(asking, tenant)
        case OperationKind.RESUME:
            return actions.resume(asking, tenant)
        case OperationKind.UPGRADE:
            to = fields.text("to")
            if not _VERSION.fullmatch(to):
                raise FieldRefused(
                    "the version is no name of a version", "give a release or a git ref, such as 1.4.0", "to"
                )
            return actions.upgrade(asking, tenant, to, visit.parts.version_of(tenant))
        case OperationKind.ERASE:
            if fields.text("confirmation") != tenant:
                raise FieldRefused(
                    "the tenant's id was not typed", f"type {tenant} to confirm the erasure", "confirmation"
                )
            return actions.erase(
                asking,
                tenant,
                export=fields.ticked("export"),
                grace_seconds=3600 * fields.number("grace_hours", 0, _LONGEST_GRACE_HOURS),
                window_days=fields.number("window_days", 7, 30),
            )
        case _:
            raise AssertionError(f"the console has no command {kind}")


def _page(
    visit: Visit, kind: OperationKind, refusal: UserError | None = None, fields: Fields | None = None
) -> Response:
    tenant_id = visit.path("tenant_id")
    with reading(visit.parts.store) as connection:
        tenant = tenants.get(connection, tenant_id)
        running = reads.running_on(connection, [tenant_id]).get(tenant_id)
    status = 200 if refusal is None else 422 if isinstance(refusal, FieldRefused) else 409
    return visit.page(
        "command.html.jinja",
        status=status,
        kind=kind,
        tenant=tenant,
        facts=spec_facts(tenant.spec),
        running=running,
        possible=running is None and kind in startable(tenant.condition.state, tenant.condition.failed_in),
        refusal=refusal,
        fields=fields,
        start_token=visit.desk.sessions.start_token(visit.session),
    )
