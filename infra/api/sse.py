"""Events as they happen, as a stream that a browser or `curl` reads, and resumes after the last event that it saw.

All streams of a process ask the database together, a few times a second, whether anything has happened; each then reads
what is its own. Numbers of events follow the order of the commits, so none is missed.
Source: HTML Living Standard, "Server-sent events" (``id``, ``retry``, Last-Event-ID, comments; 204 ends reconnecting).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio
import msgspec
from anyio.to_thread import run_sync
from sqlalchemy import Engine

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.api.settings import ApiSettings
from infra.store import events, operations, sequencing
from infra.store.database import reading
from infra.store.events import StoredEvent

MEDIA_TYPE = "text/event-stream"
_POLL_SECONDS = 0.2
_BATCH = 100
RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": alive\n\n"
SCOPE_ENDS = b": resume with Last-Event-ID\n\n"
_BUSY_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What a stream is of.

    Attributes:
        operation: The events of this operation; the stream ends when it is over.
        tenant: The events of this tenant.
    """

    operation: str | None = None
    tenant: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """What one look into the database found.

    Attributes:
        events: Those after the last one that was sent, in order.
        cursor: Nothing up to this number is still to be sent, after these.
        over: Whether nothing will follow.
    """

    events: list[StoredEvent]
    cursor: int
    over: bool


@dataclass(kw_only=True)
class Streams:
    """The streams of one process.

    Attributes:
        store: The database.
        settings: The limits.
        clock: Seconds on a clock that never goes back.
    """

    store: Engine
    settings: ApiSettings
    clock: Callable[[], float]
    _open: int = field(default=0, init=False)
    _last: int = field(default=0, init=False)
    _looked: float | None = field(default=None, init=False)
    _lock: anyio.Lock = field(default_factory=anyio.Lock, init=False)

    async def is_over(self, watched: Watched, after: int) -> bool:
        """Whether there is nothing to send after an event, now or later: a reader must not come again."""
        seen = await run_sync(self._look, watched, after)
        return seen.over and not seen.events

    async def stream(self, watched: Watched, after: int) -> AsyncGenerator[bytes]:
        """The events after one, as they happen.

        Args:
            watched: Whose events.
            after: The number of the last event that the reader has seen; 0: none.
        """
        with self.counted():
            begun = last_sent = self.clock()
            cursor = after
            yield RETRY
            while self.clock() - begun < self.settings.stream_seconds:
                seen = await run_sync(self._look, watched, cursor)
                for event in seen.events:
                    yield as_bytes(event)
                    last_sent = self.clock()
                cursor = seen.cursor
                if seen.over:
                    return
                if self.clock() - last_sent >= self.settings.heartbeat_seconds:
                    yield HEARTBEAT
                    last_sent = self.clock()
                if len(seen.events) < _BATCH:
                    wait = min(self.settings.heartbeat_seconds, self.settings.stream_seconds)
                    await self._newer(cursor, wait)
            yield SCOPE_ENDS

    def require_room(self) -> None:
        """Refuses another stream where there are as many as may be.

        Raises:
            ProblemError: 503.
        """
        if self._open >= self.settings.max_streams:
            raise ProblemError(Kind.UNAVAILABLE, "As many streams are open as may be.", retry_after=_BUSY_SECONDS)

    @contextmanager
    def counted(self) -> Generator[None]:
        """Count a stream while it is open."""
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _newer(self, cursor: int, wait: float) -> None:
        """Returns when there is an event after one, or after a time."""
        with anyio.move_on_after(wait):
            while self._last <= cursor:
                async with self._lock:
                    if self._looked is None or self.clock() - self._looked >= _POLL_SECONDS:
                        self._last = await run_sync(self._newest)
                        self._looked = self.clock()
                if self._last <= cursor:
                    await anyio.sleep(_POLL_SECONDS)

    def _newest(self) -> int:
        with reading(self.store) as connection:
            return sequencing.last(connection, "events")

    def _look(self, watched: Watched, after: int) -> _Seen:
        with reading(self.store) as connection:
            # Before the events: an operation that is over then has no event that these are without.
            over = watched.operation is not None and operations.get(connection, watched.operation).operation.final
            newest = sequencing.last(connection, "events")
            found = events.after(connection, after, operation=watched.operation, tenant=watched.tenant, limit=_BATCH)
        more = len(found) == _BATCH
        last = found[-1].sequence if found else after
        return _Seen(events=found, cursor=last if more else max(newest, last), over=over and not more)


def as_bytes(event: StoredEvent) -> bytes:
    """An event as the stream has it: a JSON document on one line."""
    data = {
        "sequence": event.sequence,
        "tenant": event.tenant,
        "operation": event.operation,
        "name": event.name,
        "at": event.at,
        "data": msgspec.Raw(event.data.encode()),
    }
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.sequence, event.name.encode(), msgspec.json.encode(data))


def last_event_id(value: str | None) -> int:
    """The number in a header Last-Event-ID; 0 without one.

    Raises:
        ProblemError: 400; it is not one that a stream has sent.
    """
    if value is None or value == "":
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise ProblemError(Kind.MALFORMED, "The header Last-Event-ID is not the id of an event.")
    return int(value)
