"""A page that stays up to date: asked for as a stream of events, its address answers with the page anew each time.

So what a page shows is decided in one place, and who may see it is checked as for the page itself. A stream ends with
its session, also where that is revoked.
Source: HTML Living Standard, "Server-sent events" (``id``, ``retry``, ``Last-Event-ID``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from infra.console.visit import Visit, is_open
from infra.errors import UserError
from infra.store import events
from infra.store.database import reading

MEDIA_TYPE = "text/event-stream"
_POLL_SECONDS = 0.4
_HEARTBEAT_SECONDS = 15.0
#: A browser comes back after it by itself: a page that is left open does not hold a connection for ever.
_LONGEST_SECONDS = 300.0
_MOST_OF_A_CALLER = 30
_BATCH = 100


def asks_for_stream(request: Request) -> bool:
    """Whether a page is asked for as a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "")


class LivePages:
    """The streams of one process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def answer(self, visit: Visit, show: Callable[[Visit], Response]) -> Response:
        """A page as a stream.

        Args:
            visit: The request, which was let in.
            show: Makes the page; it blocks.
        """
        caller = visit.session.caller.key
        if self._open[caller] >= _MOST_OF_A_CALLER:
            return PlainTextResponse("too many pages are open", 429, headers={"Retry-After": "60"})
        return StreamingResponse(self._counted(caller, _stream(visit, show)), media_type=MEDIA_TYPE)

    async def _counted(self, caller: str, stream: AsyncIterator[str]) -> AsyncIterator[str]:
        self._open[caller] += 1
        try:
            async for each in stream:
                yield each
        finally:
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


async def _stream(visit: Visit, show: Callable[[Visit], Response]) -> AsyncIterator[str]:
    seen = _number(visit.request.headers.get("last-event-id")) or _number(visit.query("seen"))
    left = min(_LONGEST_SECONDS, visit.session.expires_at - visit.parts.now().timestamp())
    silent = 0.0
    yield "retry: 1000\n\n"
    while left > 0:
        newest = await run_in_threadpool(_newest, visit, seen)
        if newest is None:
            return
        if newest > seen:
            seen, silent = newest, 0.0
            try:
                page = await run_in_threadpool(show, visit)
            except UserError:
                return
            lines = bytes(page.body).decode().splitlines()
            yield f"id: {seen}\n" + "".join(f"data: {line}\n" for line in lines) + "\n"
        elif silent >= _HEARTBEAT_SECONDS:
            silent = 0.0
            yield ": still here\n\n"
        await anyio.sleep(_POLL_SECONDS)
        left -= _POLL_SECONDS
        silent += _POLL_SECONDS


def _newest(visit: Visit, seen: int) -> int | None:
    """The number of the newest event that the page is about, or of the last that was seen; None: nobody may look."""
    if not is_open(visit.desk, visit.session):
        return None
    parameters = visit.request.path_params
    tenant, operation = parameters.get("tenant_id") or visit.scope.only, parameters.get("operation_id")
    with reading(visit.parts.store) as connection:
        while found := events.after(connection, seen, tenant=tenant, operation=operation, limit=_BATCH):
            seen = found[-1].sequence
    return seen


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
