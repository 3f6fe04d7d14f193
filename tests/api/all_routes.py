"""Every route of the service's API, with a request that a platform administrator is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts
from whole_service import Whole, new_tenant

from infra.api.app import PUBLIC

MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class Request:
    """A request by its parts; ``{tenant_id}``, ``{operation_id}`` and ``{rollout_id}`` are filled in."""

    method: str
    path: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def named(self) -> str:
        return f"{self.method} {self.path}"


REQUESTS = (
    Request("POST", "/v1/tenants", new_tenant("umbra")),
    Request("GET", "/v1/tenants"),
    Request("GET", "/v1/tenants/{tenant_id}"),
    Request("PATCH", "/v1/tenants/{tenant_id}", {"display_name": "X"}, (("If-Match", "*"), ("Content-Type", MERGE))),
    Request("POST", "/v1/tenants/{tenant_id}:suspend"),
    Request("POST", "/v1/tenants/{tenant_id}:resume"),
    Request("POST", "/v1/tenants/{tenant_id}:upgrade", {"to": "v2"}),
    Request("POST", "/v1/tenants/{tenant_id}:erase", {"window_days": 7}),
    Request("GET", "/v1/tenants/{tenant_id}/preview"),
    Request("POST", "/v1/tenants/{tenant_id}/preview", {"patch": {"display_name": "X"}}),
    Request("GET", "/v1/tenants/{tenant_id}/events"),
    Request("GET", "/v1/tenants/{tenant_id}/certificate"),
    Request("GET", "/v1/tenants/{tenant_id}/export"),
    Request("GET", "/v1/operations"),
    Request("GET", "/v1/operations/{operation_id}"),
    Request("POST", "/v1/operations/{operation_id}:cancel"),
    Request("GET", "/v1/operations/{operation_id}/events"),
    Request("GET", "/v1/fleet"),
    Request("POST", "/v1/fleet/rollouts", {"to": "v2"}),
    Request("GET", "/v1/fleet/rollouts"),
    Request("GET", "/v1/fleet/rollouts/{rollout_id}"),
    Request("GET", "/v1/fleet/rollouts/{rollout_id}/events"),
    Request("POST", "/v1/fleet/rollouts/{rollout_id}:approve", {"wave": "all"}),
    Request("POST", "/v1/fleet/rollouts/{rollout_id}:halt", {"reason": "errors"}),
    Request("POST", "/v1/fleet/rollouts/{rollout_id}:resume"),
    Request("GET", "/v1/capacity"),
    Request("GET", "/v1/audit-log"),
    Request("GET", "/v1/me"),
)


def guarded_routes(whole: Whole) -> set[str]:
    """What the application really has: method and path of each route that needs a token."""
    return {
        f"{method} {context.path}"
        for context in iter_route_contexts(whole.app.routes)
        if isinstance(context.original_route, APIRoute) and str(context.path) not in PUBLIC
        for method in context.original_route.methods or ()
    }
