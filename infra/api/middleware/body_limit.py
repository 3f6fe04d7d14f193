"""Refuses a request whose body is larger than the limit, before anything parses it.

ASGI middleware. It reads the body itself, up to the limit: a length in a header may be absent or wrong.
Source: RFC 9110 "HTTP Semantics", sections 8.6 (Content-Length) and 15.5.14 (413 Content Too Large).
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.api.middleware.http_middleware import HttpMiddleware
from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError, problem_response


class BodyLimit(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
        max_bytes: The largest body that is accepted, in bytes.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        super().__init__(app)
        self._max_bytes = max_bytes

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or refuses it."""
        try:
            self._check_announced(Headers(scope=scope).get("content-length"))
            body = await self._read(receive)
        except ProblemError as error:
            response = problem_response(error, scope["path"], current_request_id())
            response.headers["Connection"] = "close"
            await response(scope, receive, send)
            return
        if body is None:
            return
        unread = [body]

        async def receive_read() -> Message:
            if unread:
                return {"type": "http.request", "body": unread.pop(), "more_body": False}
            return await receive()

        await self._app(scope, receive_read, send)

    def _check_announced(self, length: str | None) -> None:
        if length is None:
            return
        if not (length.isascii() and length.isdigit()):
            raise ProblemError(Kind.MALFORMED, "The header Content-Length is not a number of bytes.")
        if len(length) > 18 or int(length) > self._max_bytes:
            raise self._too_large()

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None where the caller has gone before all of it came."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._max_bytes:
                raise self._too_large()
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    def _too_large(self) -> ProblemError:
        return ProblemError(Kind.TOO_LARGE, f"A body may have at most {self._max_bytes:,} bytes.")
