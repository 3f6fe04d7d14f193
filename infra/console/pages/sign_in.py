"""Signing in with a token of the issuer, and out again."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.console.cookies import forget_session, keep_session
from infra.console.forms import read_fields
from infra.console.sessions import Session
from infra.console.visit import Desk, desk_of, note_of, session_of
from infra.store import sessions
from infra.store.database import transaction

_LONGEST_TOKEN = 8_192


async def show(request: Request) -> Response:
    """The page that asks for a token."""
    note_of(request).recorded = True
    return _page(request, request.query_params.get("next", ""))


async def sign_in(request: Request) -> Response:
    """Open a session for who sends a valid token, no longer than the token is valid."""
    desk = desk_of(request)
    fields = await read_fields(request)
    token = fields.text("token", most=_LONGEST_TOKEN).removeprefix("Bearer ").strip()
    wanted = fields.text("next", most=1_000)
    address = request.client.host if request.client else ""
    try:
        verified = await desk.parts.authenticator.admit(token, address)
    except ProblemError as problem:
        if problem.kind is not Kind.UNAUTHENTICATED:
            raise
        return _page(request, wanted, problem.detail)
    if not verified.caller.roles:
        return _page(request, wanted, "The token gives no role on this platform: ask an administrator for one.")
    seconds = int(verified.expires_at - desk.parts.now().timestamp())
    if seconds <= 0:
        return _page(request, wanted, "The token has expired.")
    note_of(request).caller = verified.caller
    cookie = desk.sessions.seal(verified)
    await run_in_threadpool(_opened, desk, cookie)
    response = RedirectResponse(_inside(request, wanted), 303)
    keep_session(request, response, cookie, seconds)
    return response


async def sign_out(request: Request) -> Response:
    """Close the session, here and in the browser; nothing is wrong where there is none."""
    desk = desk_of(request)
    fields = await read_fields(request)
    session = await session_of(request)
    if session is not None:
        desk.sessions.operation_of(session, fields.text("form_token", most=1_000))
        note_of(request).caller = session.caller
        await run_in_threadpool(_closed, desk, session)
    response = RedirectResponse(f"{_root(request)}/sign-in", 303)
    forget_session(request, response)
    return response


def _opened(desk: Desk, cookie: str) -> None:
    session = desk.sessions.open(cookie)
    if session is None:
        return  # it has ended since the token was checked
    with transaction(desk.parts.store) as connection:
        sessions.open_session(
            connection,
            session.id,
            caller=session.caller.key,
            subject=session.caller.subject,
            now=desk.parts.now(),
            expires_at=datetime.fromtimestamp(session.expires_at, UTC),
        )


def _closed(desk: Desk, session: Session) -> None:
    with transaction(desk.parts.store) as connection:
        sessions.close_session(connection, session.id)


def sign_in_address(request: Request) -> str:
    """Where to sign in, to come back to the page that was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = asked if request.method == "GET" else ""
    return f"{_root(request)}/sign-in?next={quote(back, safe='')}" if back else f"{_root(request)}/sign-in"


def _page(request: Request, wanted: str, error: str = "") -> Response:
    context = {"root": _root(request), "next": wanted[:1_000], "error": error}
    return HTMLResponse(desk_of(request).pages.render("sign_in.html.jinja", context), 401 if error else 200)


def _inside(request: Request, wanted: str) -> str:
    """The page to come back to: one of ours, or the first. Browsers read a backslash as a slash."""
    home = f"{_root(request)}/tenants"
    inside = wanted.startswith(f"{_root(request)}/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if inside and wanted.isprintable() and "/../" not in wanted else home


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))
