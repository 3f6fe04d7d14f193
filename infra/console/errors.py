"""Pages for what goes wrong: what it was, what to do about it, and the request's id."""

from __future__ import annotations

from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from infra.api.auth.scope import TenantScope
from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.kinds import Kind, kind_of
from infra.api.problems.problem import ProblemError
from infra.console.pages.sign_in import sign_in_address
from infra.console.visit import Visit, desk_of, session_of
from infra.errors import UserError
from infra.operations.fleet_rollouts import UnknownRollout
from infra.store.operations import UnknownOperation
from infra.store.tenants import UnknownTenant


async def not_signed_in(request: Request, _error: Exception) -> Response:
    """To the page that asks for a token."""
    return RedirectResponse(sign_in_address(request), 303)


async def form_refused(request: Request, _error: Exception) -> Response:
    """A form that is not ours, or of a session that is over."""
    return await _page(
        request, 403, "The form was not made for this session", "Nothing was done. Open the page again and send it."
    )


async def http_error(request: Request, error: Exception) -> Response:
    """An HTTP error, ours or the framework's."""
    raised = cast("HTTPException", error)
    kind = raised.kind if isinstance(raised, ProblemError) else kind_of(raised.status_code)
    detail = raised.detail if isinstance(raised, ProblemError) else ""
    remedy = raised.remedy if isinstance(raised, ProblemError) else kind.value.remedy
    if kind is Kind.NOT_FOUND:
        remedy = "Check the address, or begin at the list of tenants."
    headers = {name: value for name, value in (raised.headers or {}).items() if name in ("Retry-After", "Allow")}
    return await _page(request, raised.status_code, kind.value.title, remedy, detail, headers)


async def user_error(request: Request, error: Exception) -> Response:
    """What somebody can act on."""
    raised = cast("UserError", error)
    status = 404 if isinstance(raised, UnknownTenant | UnknownOperation | UnknownRollout) else 503
    title = "There is no such thing" if status == 404 else "This cannot be shown now"
    return await _page(request, status, title, raised.remedy, raised.message)


async def _page(
    request: Request,
    status: int,
    title: str,
    remedy: str,
    detail: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    desk = desk_of(request)
    context: dict[str, object] = {
        "title": title,
        "detail": detail,
        "remedy": remedy,
        "request_id": current_request_id(),
    }
    session = await session_of(request)
    if session is not None:
        # Who has signed in keeps the menu.
        visit = Visit(request, desk, session, TenantScope(session.caller.tenant))
        answer = visit.page("problem.html.jinja", status=status, **context)
    else:
        context["root"] = str(request.scope.get("root_path", ""))
        answer = HTMLResponse(desk.pages.render("error.html.jinja", context), status)
    answer.headers.update(headers or {})
    return answer
