"""The live stream of a page: one event for each thing that happened, for who may see it, until the session ends.

A page asks for itself anew when it is told of something, so an event says only that, not what the page then shows.
Source: HTML Living Standard, "Server-sent events" (``id``, ``retry``, ``Last-Event-ID``, the end of a stream by 204).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from infra.api.auth.roles import ApiOperation
from infra.console.visit import NotSignedIn, Visit, enter
from infra.store import events
from infra.store.database import reading
from infra.store.events import StoredEvent

_POLL_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15.0
#: A browser comes back after it by itself: a page that is left open does not hold a connection for ever.
_LONGEST_SECONDS = 300.0
_MOST_OF_A_CALLER = 30


class LiveStreams:
    """The streams of one process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    async def __call__(self, request: Request) -> Response:
        """Answer with a stream of the tenant or operation that is asked for, or of all that the caller may see."""
        try:
            visit = enter(request, ApiOperation.OPERATIONS_WATCH)
        except NotSignedIn:
            return PlainTextResponse("sign in first", 401)
        tenant = visit.query("tenant") or None
        if tenant is not None:
            visit.scope.require(tenant)
        caller = visit.session.caller.key
        if self._open[caller] >= _MOST_OF_A_CALLER:
            return PlainTextResponse("too many pages are open", 429, headers={"Retry-After": "60"})
        stream = self._counted(caller, _stream(visit, tenant or visit.scope.only, visit.query("operation") or None))
        return StreamingResponse(stream, media_type="text/event-stream")

    async def _counted(self, caller: str, stream: AsyncIterator[str]) -> AsyncIterator[str]:
        self._open[caller] += 1
        try:
            async for each in stream:
                yield each
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


async def _stream(visit: Visit, tenant: str | None, operation: str | None) -> AsyncIterator[str]:
    after = _number(visit.request.headers.get("last-event-id")) or _number(visit.query("after"))
    left = min(_LONGEST_SECONDS, visit.session.expires_at - visit.parts.now().timestamp())
    silent = _HEARTBEAT_SECONDS
    yield "retry: 1000\n\n"
    while left > 0:
        found = await run_in_threadpool(_read, visit, after, tenant, operation)
        if found:
            after = found[-1].sequence
            silent = _HEARTBEAT_SECONDS
            yield f"id: {after}\nevent: change\ndata: {len(found)}\n\n"
        elif silent <= 0:
            silent = _HEARTBEAT_SECONDS
            yield ": still here\n\n"
        await anyio.sleep(_POLL_SECONDS)
        left -= _POLL_SECONDS
        silent -= _POLL_SECONDS


def _read(visit: Visit, after: int, tenant: str | None, operation: str | None) -> list[StoredEvent]:
    with reading(visit.parts.store) as connection:
        return events.after(connection, after, tenant=tenant, operation=operation)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
