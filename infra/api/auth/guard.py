"""The dependency by which a route says which operation it is: it authenticates, limits and authorises its requests.

A route of the application without it is a mistake, which `unguarded_routes` finds when the application is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPBearer
from starlette.requests import Request
from starlette.routing import BaseRoute

from infra.api.audit.note import note_of
from infra.api.auth.bearer import Authenticator
from infra.api.auth.caller import Caller
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import TenantScope, scope_of

TENANT_PARAMETER = "tenant_id"
"""The name of the part of a path that is a tenant's id."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a request was allowed.

    Attributes:
        caller: Who sent it.
        scope: The tenants that it may be about. A tenant's id in a path has been checked; what else names a tenant,
            such as a body or a record that was looked up, is the route's to check with ``scope.require``.
    """

    caller: Caller
    scope: TenantScope


class Allow(HTTPBearer):
    """Lets a request pass to a route if its caller may do an operation; ``Depends(Allow(ApiOperation.TENANTS_READ))``.

    Args:
        operation: What the route does.
    """

    def __init__(self, operation: ApiOperation) -> None:
        super().__init__(scheme_name="token", bearerFormat="JWT", auto_error=False)
        self.operation = operation

    async def __call__(self, request: Request) -> Access:  # pyright: ignore[reportIncompatibleMethodOverride] - the base only documents the scheme
        """Checks one request.

        Raises:
            ProblemError: 401, 403, 429 or 503, as `Authenticator` and `scope_of` say.
        """
        note = note_of(request)
        note.operation = self.operation
        note.caller = caller = await cast("Authenticator", request.app.state.authenticator)(request)
        scope = scope_of(caller, self.operation)
        tenant = request.path_params.get(TENANT_PARAMETER)
        if tenant is not None:
            scope.require(str(tenant))
        return Access(caller, scope)


def unguarded_routes(routes: Sequence[BaseRoute], public: frozenset[str]) -> list[str]:
    """The paths of routes that let anybody in.

    Args:
        routes: The application's routes.
        public: Paths that are meant to.
    """
    contexts = list(iter_route_contexts(routes))
    return sorted({str(one.path) for one in contexts if one.path not in public and not _guarded(one.original_route)})


def _guarded(route: BaseRoute) -> bool:
    return isinstance(route, APIRoute) and any(isinstance(found.call, Allow) for found in _all(route.dependant))


def _all(dependant: Dependant) -> Iterator[Dependant]:
    for found in dependant.dependencies:
        yield found
        yield from _all(found)
