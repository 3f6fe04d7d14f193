"""One request to the console by somebody who has signed in: who, what for, on which tenants, and the page to answer.

A route says which operation of the API it is; the same table of roles decides, and the same limits of requests count.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from infra.api.auth.guard import TENANT_PARAMETER
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import TenantScope, scope_of
from infra.api.problems.problem import ProblemError
from infra.api.rate_limit import require_token
from infra.console.cookies import session_cookie
from infra.console.forms import Fields, read_fields
from infra.console.parts import ConsoleParts
from infra.console.rendering import Pages
from infra.console.sessions import Session, Sessions

Endpoint = Callable[[Request], Awaitable[Response]]


class NotSignedIn(Exception):
    """The request has no session, or one that has ended."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share; ``request.app.state.desk``.

    Attributes:
        parts: What the console is made of.
        sessions: Opens sessions.
        pages: Renders pages.
    """

    parts: ConsoleParts
    sessions: Sessions
    pages: Pages


def desk_of(request: Request) -> Desk:
    """What all requests share."""
    return cast("Desk", request.app.state.desk)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was let in.

    Attributes:
        request: The request.
        desk: What all requests share.
        session: Who asks.
        scope: The tenants that it may be about; what the path names was checked.
    """

    request: Request
    desk: Desk
    session: Session
    scope: TenantScope

    @property
    def parts(self) -> ConsoleParts:
        """What the console is made of."""
        return self.desk.parts

    def query(self, name: str) -> str:
        """An argument of the address; empty where there is none. What is too long for any use is cut."""
        return self.request.query_params.get(name, "")[:200].strip()

    def path(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def address(self, path: str) -> str:
        """The address of a page, below where the console is."""
        return f"{self.request.scope.get('root_path', '')}{path}"

    def may(self, operation: ApiOperation, tenant: str | None = None) -> bool:
        """Whether the caller may do something, on a tenant where one is given."""
        try:
            scope = scope_of(self.session.caller, operation)
        except ProblemError:
            return False
        return tenant is None or scope.covers(tenant)

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page as the answer."""
        context |= {"visit": self, "Op": ApiOperation, "form_token": self.desk.sessions.form_token(self.session)}
        return HTMLResponse(self.desk.pages.render(template, context), status)


def enter(request: Request, operation: ApiOperation) -> Visit:
    """Let a request in; on the event loop, since the limits are counted there.

    Raises:
        NotSignedIn: it has no session.
        ProblemError: 403 where the caller's roles do not allow it, 429 beyond the limit.
    """
    desk = desk_of(request)
    session = desk.sessions.open(request.cookies.get(session_cookie(request), ""))
    if session is None:
        raise NotSignedIn
    require_token(desk.parts.authenticator.rate, session.caller.key)
    scope = scope_of(session.caller, operation)
    tenant = request.path_params.get(TENANT_PARAMETER)
    if tenant is not None:
        scope.require(str(tenant))
    return Visit(request, desk, session, scope)


def shown(operation: ApiOperation, show: Callable[[Visit], Response]) -> Endpoint:
    """A route that shows a page.

    Args:
        operation: What it stands for.
        show: Makes the answer; it may block.
    """

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(show, enter(request, operation))

    return endpoint


def sent(operation: ApiOperation, act: Callable[[Visit, Fields, str], Response]) -> Endpoint:
    """A route that takes a form of ours.

    Args:
        operation: What it stands for.
        act: Does it, with the form's fields and the id of the operation that it starts; it may block.
    """

    async def endpoint(request: Request) -> Response:
        visit = enter(request, operation)
        fields = await read_fields(request)
        started = visit.desk.sessions.operation_of(visit.session, fields.text("form_token", most=1_000))
        return await run_in_threadpool(act, visit, fields, started)

    return endpoint
