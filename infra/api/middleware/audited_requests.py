"""Writes every call into the audit log before its answer begins; a call that cannot be written is not answered.

What the service shows to anybody, such as its health, is not a call about tenants and is left out. ASGI middleware.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.api.audit.note import KEY, CallNote, entry_of
from infra.api.audit.trail import AuditTrail, AuditUnavailable
from infra.api.middleware.http_middleware import HttpMiddleware
from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError, problem_response

_RETRY_SECONDS = 5


class AuditedRequests(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
        trail: Where calls are written.
        public: Paths that are left out, where a route has them.
    """

    def __init__(self, app: ASGIApp, trail: AuditTrail, public: frozenset[str]) -> None:
        super().__init__(app)
        self._trail = trail
        self._public = public

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        note = CallNote()
        scope[KEY] = note
        unwritten = False

        async def send_recorded(message: Message) -> None:
            nonlocal unwritten
            if message["type"] == "http.response.start":
                unwritten = not await self._recorded(scope, note, message["status"])
                if unwritten:
                    await _refuse(scope, receive, send)
            if not unwritten:
                await send(message)

        await self._app(scope, receive, send_recorded)

    async def _recorded(self, scope: Scope, note: CallNote, status: int) -> bool:
        shown = {scope["path"], getattr(scope.get("route"), "path", None)} & self._public
        if note.recorded or (shown and status < 400):
            return True
        try:
            await self._trail.record(entry_of(scope, note, status))
        except AuditUnavailable:
            return False
        return True


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    problem = ProblemError(
        Kind.UNAVAILABLE, "The call cannot be written into the audit log.", retry_after=_RETRY_SECONDS
    )
    await problem_response(problem, scope["path"], current_request_id())(scope, receive, send)
