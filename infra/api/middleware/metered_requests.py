"""Counts and times requests.

Labels are the route's template, never a path: a path has tenants' ids in it, and is unbounded. ASGI middleware.
Source: Prometheus documentation, "Instrumentation" (cardinality of labels).
"""

from __future__ import annotations

from time import perf_counter
from typing import cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.api.metrics import HttpMetrics
from infra.api.middleware.http_middleware import HttpMiddleware

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class MeteredRequests(HttpMiddleware):
    """The middleware.

    Args:
        app: What answers the request.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, metrics: HttpMetrics) -> None:
        super().__init__(app)
        self._metrics = metrics

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request and counts it; one that ended with no answer has the status ``none``."""
        status = "none"

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        begun = perf_counter()
        try:
            with self._metrics.running.track_inprogress():
                await self._app(scope, receive, send_watched)
        finally:
            method, route = _method(scope), _route(scope)
            self._metrics.requests.labels(method, route, status).inc()
            self._metrics.seconds.labels(method, route).observe(perf_counter() - begun)


def _method(scope: Scope) -> str:
    method = cast("str", scope["method"])
    return method if method in _METHODS else "other"


def _route(scope: Scope) -> str:
    return cast("str", getattr(scope.get("route"), "path", "unmatched"))
