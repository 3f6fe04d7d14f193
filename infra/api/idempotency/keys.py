"""What the API needs of a store to answer a repeated request as it did the first time, and the store that does it.

The store is shared by all processes of the service, and decides in one transaction: of two requests with the same key,
one begins.
Source: IETF HTTPAPI working group, "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from infra.store import idempotency
from infra.store.database import transaction
from infra.store.idempotency import Answer, Begun, Reused, Running


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Identifies a request of a caller.

    Attributes:
        caller: `Caller.key`; callers cannot meet each other's keys.
        key: The header's value.
    """

    caller: str
    key: str


class KeyStore(Protocol):
    """The store; its methods block, and are called from worker threads. See `infra.store.idempotency`."""

    def begin(self, request: RequestKey, fingerprint: str, now: datetime) -> Begun | Running | Reused | Answer:
        """Begins a request, or says why not; atomic over all processes.

        Args:
            request: Which one.
            fingerprint: Of its method, path, query and body.
            now: The time, in UTC.
        """
        ...

    def finish(self, request: RequestKey, attempt: str, answer: Answer) -> None:
        """Keeps the answer; nothing happens where the attempt is not the current one."""
        ...

    def release(self, request: RequestKey, attempt: str) -> None:
        """Lets the same request begin anew at once; nothing happens where the attempt is not the current one."""
        ...


@dataclass(frozen=True, slots=True)
class StoredKeys:
    """The keys in the service's database.

    Attributes:
        store: The database.
    """

    store: Engine

    def begin(self, request: RequestKey, fingerprint: str, now: datetime) -> Begun | Running | Reused | Answer:
        """As `KeyStore.begin`."""
        with transaction(self.store) as connection:
            return idempotency.begin(connection, request.caller, request.key, fingerprint, now)

    def finish(self, request: RequestKey, attempt: str, answer: Answer) -> None:
        """As `KeyStore.finish`."""
        with transaction(self.store) as connection:
            idempotency.finish(connection, request.caller, request.key, attempt, answer)

    def release(self, request: RequestKey, attempt: str) -> None:
        """As `KeyStore.release`."""
        with transaction(self.store) as connection:
            idempotency.release(connection, request.caller, request.key, attempt)
