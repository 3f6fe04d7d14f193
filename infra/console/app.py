"""Puts the console together: an application of its own, to be mounted in the API's process under ``/console``.

It has none of the API's routes and none of its tokens' ways in: only who has a session is let in, by `visit.enter`.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from infra.api.auth.roles import ApiOperation
from infra.console import errors
from infra.console.endpoints import sent, shown
from infra.console.latest import Latest
from infra.console.live import LivePages
from infra.console.pages import (
    audit,
    capacity,
    certificate,
    fleet,
    operations,
    rollouts,
    sign_in,
    signed_in,
    tenant,
    tenant_commands,
    tenants,
)
from infra.console.parts import ConsoleParts
from infra.console.rendering import FILES, Pages
from infra.console.security_headers import SecurityHeaders
from infra.console.sessions import FormRefused, Sessions
from infra.console.visit import Desk, NotSignedIn, note_of
from infra.errors import UserError

#: So long a tenant's page waits for what the fleet's document says of it.
_PATIENCE_SECONDS = 0.5


def console_app(parts: ConsoleParts) -> Starlette:
    """The console.

    Args:
        parts: What it is made of.
    """
    app = Starlette(
        routes=_routes(),
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={
            NotSignedIn: errors.not_signed_in,
            FormRefused: errors.form_refused,
            HTTPException: errors.http_error,
            UserError: errors.user_error,
        },
    )
    app.state.desk = Desk(
        parts, Sessions(parts.keys, parts.now), Pages(parts.now), Latest(parts.fleet, _PATIENCE_SECONDS)
    )
    return app


def _routes() -> list[Route]:
    op, live = ApiOperation, LivePages()
    return [
        Route("/", _home),
        Route("/sign-in", sign_in.show),
        Route("/session", sign_in.sign_in, methods=["POST"]),
        Route("/sign-out", sign_in.sign_out, methods=["POST"]),
        Route("/static/{name}", _file),
        Route("/tenants", shown(op.TENANTS_LIST, tenants.show, live)),
        Route("/tenants/{tenant_id}", shown(op.TENANTS_READ, tenant.show, live)),
        Route("/tenants/{tenant_id}/certificate.json", shown(op.TENANTS_READ, certificate.as_json)),
        Route("/tenants/{tenant_id}/certificate.pdf", shown(op.TENANTS_READ, certificate.as_pdf)),
        *(
            route
            for kind, operation in tenant.COMMANDS.items()
            for route in (
                Route(f"/tenants/{{tenant_id}}/{kind}", shown(operation, tenant_commands.ask(kind)), methods=["GET"]),
                Route(f"/tenants/{{tenant_id}}/{kind}", sent(operation, tenant_commands.do(kind)), methods=["POST"]),
            )
        ),
        Route("/operations", shown(op.OPERATIONS_LIST, operations.show_all, live)),
        Route("/operations/{operation_id}", shown(op.OPERATIONS_READ, operations.show, live)),
        Route("/operations/{operation_id}/cancel", sent(op.OPERATIONS_CANCEL, operations.cancel), methods=["POST"]),
        Route("/fleet", shown(op.FLEET_READ, fleet.show, live)),
        Route("/fleet/upgrade", shown(op.FLEET_UPGRADE, rollouts.ask), methods=["GET"]),
        Route("/fleet/upgrade", sent(op.FLEET_UPGRADE, rollouts.begin), methods=["POST"]),
        Route("/fleet/rollouts/{rollout_id}", shown(op.FLEET_READ, rollouts.show, live)),
        Route("/fleet/rollouts/{rollout_id}/approve", shown(op.FLEET_APPROVE, rollouts.ask_approval), methods=["GET"]),
        Route("/fleet/rollouts/{rollout_id}/approve", sent(op.FLEET_APPROVE, rollouts.approve), methods=["POST"]),
        Route("/fleet/rollouts/{rollout_id}/halt", shown(op.FLEET_HALT, rollouts.ask_halt), methods=["GET"]),
        Route("/fleet/rollouts/{rollout_id}/halt", sent(op.FLEET_HALT, rollouts.halt), methods=["POST"]),
        Route("/fleet/rollouts/{rollout_id}/resume", sent(op.FLEET_RESUME, rollouts.resume), methods=["POST"]),
        Route("/capacity", shown(op.CAPACITY_READ, capacity.show)),
        Route("/audit", shown(op.AUDIT_READ, audit.show)),
        Route("/signed-in", shown(op.SESSIONS_END, signed_in.show), methods=["GET"]),
        Route("/signed-in", sent(op.SESSIONS_END, signed_in.revoke), methods=["POST"]),
    ]


async def _home(request: Request) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/tenants", 303)


async def _file(request: Request) -> Response:
    found = FILES.get(str(request.path_params["name"]))
    if found is None:
        raise HTTPException(404)
    media_type, content = found
    # It tells nothing of anybody: the audit log need not have it.
    note_of(request).recorded = True
    # Its name changes with its content.
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"})
