"""Answers a bug with a problem that tells nothing of the inside; the log has the stack trace, under the request's id.

ASGI middleware. Starlette's own last handler stands outside of all middleware, where its answer would get neither the
request's id nor a count in the metrics.
Source: Starlette documentation, "Exceptions" (errors and handled exceptions).
"""

from __future__ import annotations

import logging

from starlette.types import Message, Receive, Scope, Send

from infra.api.middleware.http_middleware import HttpMiddleware
from infra.api.middleware.request_ids import current_request_id
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError, problem_response

_log = logging.getLogger(__name__)


class UnexpectedErrors(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
    """

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; where an answer has already begun, the connection is broken off in place of ended."""
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception:
            _log.exception("request %s: %s failed", current_request_id(), scope["method"])
            if begun:
                raise
            problem = ProblemError(Kind.INTERNAL, "The service failed unexpectedly.")
            await problem_response(problem, scope["path"], current_request_id())(scope, receive, send)
