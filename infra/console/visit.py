"""One request to the console by somebody who has signed in: who, what for, on which tenants, and the page to answer.

A route says which operation of the API it is; the same table of roles decides, and the same limits of requests count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from anyio import from_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from infra.api.asking import Asking
from infra.api.audit.note import KEY, CallNote
from infra.api.auth.guard import TENANT_PARAMETER
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import TenantScope, scope_of
from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.problem import ProblemError
from infra.api.rate_limit import require_token
from infra.console.cookies import session_cookie
from infra.console.latest import Latest
from infra.console.parts import ConsoleParts, Finder
from infra.console.rendering import Pages
from infra.console.sessions import Session, Sessions
from infra.store import sessions
from infra.store.database import reading

PREFIX = "/console"
"""Where the API has the console."""


class NotSignedIn(Exception):
    """The request has no session, or one that has ended."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share; ``request.app.state.desk``.

    Attributes:
        parts: What the console is made of.
        sessions: Opens sessions.
        pages: Renders pages.
        fleet: The fleet's document, for pages that show a little of it.
    """

    parts: ConsoleParts
    sessions: Sessions
    pages: Pages
    fleet: Latest


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

    def asking(self, operation: str) -> Asking:
        """The request as a request for a change.

        Args:
            operation: The id that the operation gets.
        """
        call: dict[str, object] = {
            "request_id": current_request_id(),
            "method": self.request.method,
            "route": route_of(self.request),
            "address": self.request.client.host if self.request.client else "",
        }
        return Asking(caller=self.session.caller, operation=operation, now=self.parts.now(), call=call)

    def found(self, document: Finder) -> Mapping[str, Any]:
        """A document that the service finds now and then; only in the thread of a page."""
        return from_thread.run(document)

    def glanced(self, latest: Latest) -> Mapping[str, Any] | None:
        """A document as far as it is known already; only in the thread of a page."""
        return from_thread.run(latest)

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page as the answer."""
        context |= {"visit": self, "Op": ApiOperation, "form_token": self.desk.sessions.form_token(self.session)}
        return HTMLResponse(self.desk.pages.render(template, context), status)


async def session_of(request: Request) -> Session | None:
    """The session of a request; None where it has none, or one that has ended or was revoked."""
    desk = desk_of(request)
    session = desk.sessions.open(request.cookies.get(session_cookie(request), ""))
    if session is None or not await run_in_threadpool(is_open, desk, session):
        return None
    return session


def is_open(desk: Desk, session: Session) -> bool:
    """Whether nobody has revoked a session; blocks on the database."""
    with reading(desk.parts.store) as connection:
        return sessions.is_open(connection, session.id, desk.parts.now())


def note_of(request: Request) -> CallNote:
    """What the audit log is to say of the request."""
    note: CallNote = request.scope.setdefault(KEY, CallNote())
    return note


def route_of(request: Request) -> str:
    """The pattern of the request's path, as the audit log has it."""
    return f"{PREFIX}{getattr(request.scope.get('route'), 'path', '')}"


async def enter(request: Request, operation: ApiOperation) -> Visit:
    """Let a request in; on the event loop, since the limits are counted there.

    Raises:
        NotSignedIn: it has no session, or one that was revoked.
        ProblemError: 403 where the caller's roles do not allow it, 429 beyond the limit.
    """
    desk = desk_of(request)
    session = await session_of(request)
    if session is None:
        raise NotSignedIn
    note = note_of(request)
    note.caller, note.operation = session.caller, operation
    note.detail["console"] = True
    require_token(desk.parts.authenticator.rate, session.caller.key)
    scope = scope_of(session.caller, operation)
    tenant = request.path_params.get(TENANT_PARAMETER)
    if tenant is not None:
        scope.require(str(tenant))
    return Visit(request, desk, session, scope)
