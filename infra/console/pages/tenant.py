"""One tenant: where it is in its life, what it is, what runs on it, what happened to it, and what can be done."""

from __future__ import annotations

from starlette.responses import Response

from infra.api.auth.roles import ApiOperation
from infra.console import reads
from infra.console.fleet_picture import FleetMember, fleet_picture
from infra.console.lifecycle_picture import lifecycle_picture
from infra.console.spec_facts import spec_facts
from infra.console.visit import Visit
from infra.lifecycle.states import OperationKind
from infra.lifecycle.steps import startable
from infra.store import tenants
from infra.store.database import reading
from infra.store.erasures import certificate_of

#: What can be done to a tenant by a button: the kind of operation, and what a caller must be allowed for it.
COMMANDS = {
    OperationKind.SUSPEND: ApiOperation.TENANTS_SUSPEND,
    OperationKind.RESUME: ApiOperation.TENANTS_RESUME,
    OperationKind.UPGRADE: ApiOperation.TENANTS_UPGRADE,
    OperationKind.ERASE: ApiOperation.TENANTS_ERASE,
}


def show(visit: Visit) -> Response:
    """The tenant's page."""
    tenant_id = visit.path("tenant_id")
    with reading(visit.parts.store) as connection:
        tenant = tenants.get(connection, tenant_id)
        running = reads.running_on(connection, [tenant_id]).get(tenant_id)
        history = reads.operation_slice(connection, visit.scope.only, tenant=tenant_id, limit=10)
        happened = reads.newest_events(connection, tenant=tenant_id)
        certificate = certificate_of(connection, tenant_id)
        visited = reads.visited(connection, tenant_id)
        last = reads.last_event(connection)
    possible = startable(tenant.condition.state, tenant.condition.failed_in)
    return visit.page(
        "tenant.html.jinja",
        tenant=tenant,
        facts=spec_facts(tenant.spec),
        running=running,
        history=history,
        happened=happened,
        picture=lifecycle_picture(tenant.condition, visited),
        certificate=certificate,
        member=_member(visit, tenant_id),
        commands=[
            kind
            for kind, operation in COMMANDS.items()
            if kind in possible and running is None and visit.may(operation, tenant_id)
        ],
        last_event=last,
    )


def _member(visit: Visit, tenant: str) -> FleetMember | None:
    """The tenant as the fleet's document has it; None where the caller may not see that, or it is not known yet."""
    if not visit.may(ApiOperation.FLEET_READ):
        return None
    document = visit.glanced(visit.desk.fleet)
    if document is None:
        return None
    return next((each for each in fleet_picture(document).fleet.tenants if each.tenant == tenant), None)
