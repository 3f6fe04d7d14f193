"""Puts the API together: the middleware in its order, the routes that every service has, and those that are given.

From the outside in: request ids, figures, the audit log, unexpected errors, the limit of bodies, the routes. Nothing
is read from the environment and nothing is opened here; `connect` makes what needs the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from infra.api.audit.trail import AuditTrail
from infra.api.auth.bearer import Authenticator
from infra.api.auth.guard import unguarded_routes
from infra.api.health import Check, health_router
from infra.api.idempotency.once import Once
from infra.api.metrics import HttpMetrics, metrics_router
from infra.api.middleware.audited_requests import AuditedRequests
from infra.api.middleware.body_limit import BodyLimit
from infra.api.middleware.metered_requests import MeteredRequests
from infra.api.middleware.request_ids import RequestIds
from infra.api.middleware.unexpected_errors import UnexpectedErrors
from infra.api.openapi import openapi_document
from infra.api.pagination import PageTokens
from infra.api.problems.handlers import add_problem_handlers
from infra.api.problems.router import router as problems_router
from infra.api.settings import ApiSettings

TITLE = "Bulkhead provisioning API"
OPENAPI_PATH = "/v1/openapi.json"
PUBLIC = frozenset(
    {"/healthz", "/readyz", "/metrics", "/problems", "/problems/{slug}", "/v1/certificate-key", OPENAPI_PATH}
)
"""What needs no token: it tells nothing of any tenant."""


class UnguardedRoutes(Exception):
    """Routes of the application let anybody in; the message names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the API is made of.

    Attributes:
        authenticator: Authenticates requests.
        once: Does requests with an Idempotency-Key.
        page_tokens: Makes and checks page tokens.
        registry: The figures.
        checks: What the service needs to be ready, by name.
        trail: Writes every call into the audit log.
    """

    authenticator: Authenticator
    once: Once
    page_tokens: PageTokens
    registry: CollectorRegistry
    checks: Mapping[str, Check]
    trail: AuditTrail


def create_app(settings: ApiSettings, parts: Parts, routers: Sequence[APIRouter]) -> FastAPI:
    """The application; a route reaches its parts by ``request.app.state``.

    Args:
        settings: What the operator set.
        parts: What it is made of.
        routers: The routes of tenants, operations and so on.

    Raises:
        UnguardedRoutes: A route has no `Allow`.
    """
    # No pages of documentation: they load scripts from other hosts.
    app = FastAPI(title=TITLE, version="1", docs_url=None, redoc_url=None, openapi_url=OPENAPI_PATH)
    app.state.authenticator = parts.authenticator
    app.state.once = parts.once
    app.state.page_tokens = parts.page_tokens
    add_problem_handlers(app)
    for router in (health_router(parts.checks), metrics_router(parts.registry), problems_router, *routers):
        app.include_router(router)
    _refuse_unguarded(app.routes)
    app.openapi = lambda: openapi_document(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(AuditedRequests, trail=parts.trail, public=PUBLIC)
    app.add_middleware(MeteredRequests, metrics=HttpMetrics(parts.registry))
    app.add_middleware(RequestIds)
    return app


def _refuse_unguarded(routes: Sequence[BaseRoute]) -> None:
    open_paths = unguarded_routes(routes, PUBLIC)
    if open_paths:
        raise UnguardedRoutes(f"these routes have no Allow dependency: {', '.join(open_paths)}")
