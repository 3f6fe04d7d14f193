"""Tells events to a bus of Amazon EventBridge.

Sources: Amazon EventBridge API Reference, "PutEvents" (entries that failed are named one by one; at most 10 entries and
256 KB in all); Amazon EventBridge User Guide, "Calculating PutEvents event entry size".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import UserError
from infra.service.outbox.message import message
from infra.service.outbox.receiver import SEND_SECONDS, NotTold
from infra.store.events import StoredEvent

SOURCE = "bulkhead"
_MOST_ENTRIES = 10
#: 256 KB a request, less what EventBridge counts for time, source and type of each entry.
_MOST_BYTES = 240_000
CLIENT = Config(connect_timeout=SEND_SECONDS / 4, read_timeout=SEND_SECONDS / 2, retries={"total_max_attempts": 1})
"""Of the client: within the time that a receiver has; who tries again is `infra.service.outbox.deliverer`."""


class Events(Protocol):
    """What is used of boto3's client."""

    def put_events(self, *, Entries: Sequence[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """As AWS says."""
        ...


class EventBusReceiver:
    """One bus. It keeps no order: an entry that failed comes after those that followed it, which are told again.

    Args:
        bus: Its name or ARN.
        connect: Makes the client, when the first event is told.
    """

    batch = _MOST_ENTRIES

    def __init__(self, bus: str, connect: Callable[[], Events]) -> None:
        self.name = f"bus:{bus}"
        self._bus = bus
        self._connect = connect
        self._client: Events | None = None

    def tell(self, events: Sequence[StoredEvent]) -> int:
        """Tell events, as `Receiver.tell` says."""
        entries = self._entries(events)
        try:
            if self._client is None:
                self._client = self._connect()
            answer = self._client.put_events(Entries=entries)
        except (BotoCoreError, ClientError, UserError) as error:
            self._client = None
            raise NotTold(f"{self._bus} took no event: {error}") from None
        results = cast("list[dict[str, str]]", answer["Entries"])
        failed = next((index for index, each in enumerate(results) if "ErrorCode" in each), len(entries))
        if failed == 0:
            raise NotTold(f"{self._bus} did not take {events[0].sequence}: {results[0]['ErrorCode']}")
        return failed

    def _entries(self, events: Sequence[StoredEvent]) -> list[dict[str, Any]]:
        """As many events as fit into a request."""
        entries: list[dict[str, Any]] = []
        size = 0
        for event in events:
            detail = message(event)
            size += len(detail.encode())
            if entries and size > _MOST_BYTES:
                break
            entries.append(
                {
                    "EventBusName": self._bus,
                    "Source": SOURCE,
                    "DetailType": event.name,
                    "Time": event.at,
                    "Detail": detail,
                }
            )
        return entries
