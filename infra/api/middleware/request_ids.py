"""Gives every request an id, which its answer, its errors and its log lines carry.

A caller's own id is kept where it is harmless in a log line; else a new one is made. ASGI middleware, the outermost.
Source: Starlette documentation, "Middleware" (pure ASGI middleware, and why it keeps context variables).
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from infra.api.middleware.http_middleware import HttpMiddleware

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return _current.get()


class RequestIds(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
    """

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, with its id in a header of the answer."""
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        token = _current.set(request_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _current.reset(token)
