"""A rollout as it happens, as server-sent events: each entry of its file, whoever carries it out, and resumable.

Source: HTML Living Standard, "Server-sent events" (``id``, Last-Event-ID; 204 ends reconnecting).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import anyio
import msgspec
from anyio.to_thread import run_sync

from infra.api.sse import HEARTBEAT, RETRY, SCOPE_ENDS, Streams
from infra.fleet import Finished, Plan, Record, decide
from infra.fleet.model import Entry
from infra.operations.fleet_rollouts import Rollouts

_POLL_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class RolloutStream:
    """The streams of rollouts.

    Attributes:
        rollouts: The rollouts.
        streams: Count all streams of the process, and limit them.
    """

    rollouts: Rollouts
    streams: Streams

    def is_over(self, rollout: str, after: int) -> bool:
        """Whether there is nothing to send after an entry, now or later; blocks.

        Raises:
            UnknownRollout: There is none of that id.
        """
        plan, record = self.rollouts.read(rollout)
        return isinstance(decide(plan, record), Finished) and after >= len(record.entries)

    async def stream(self, rollout: str, after: int) -> AsyncGenerator[bytes]:
        """The entries after one, as they happen; ends when the rollout is over.

        Args:
            rollout: Its id.
            after: The number of the last entry that the reader has seen; 0: none.
        """
        settings, clock = self.streams.settings, self.streams.clock
        with self.streams.counted():
            begun = last_sent = clock()
            yield RETRY
            while clock() - begun < settings.stream_seconds:
                plan, record = await run_sync(self.rollouts.read, rollout)
                for number in range(after + 1, len(record.entries) + 1):
                    yield _as_bytes(plan, record, number)
                    last_sent = clock()
                after = max(after, len(record.entries))
                if isinstance(decide(plan, record), Finished):
                    return
                if clock() - last_sent >= settings.heartbeat_seconds:
                    yield HEARTBEAT
                    last_sent = clock()
                await anyio.sleep(_POLL_SECONDS)
            yield SCOPE_ENDS


def _as_bytes(plan: Plan, record: Record, number: int) -> bytes:
    entry = record.entries[number - 1]
    data = msgspec.json.encode({"wave": _wave(plan, entry), **entry.model_dump(mode="json", exclude={"wave"})})
    return b"id: %d\nevent: rollout.%s\ndata: %s\n\n" % (number, entry.entry.encode(), data)


def _wave(plan: Plan, entry: Entry) -> str | None:
    """The name of the wave that an entry is of; None: of the whole rollout."""
    if entry.entry == "halted":
        return None
    return plan.waves[entry.wave if entry.entry == "answered" else entry.action.wave].name
