"""What the API needs of a store to answer a repeated request as it did the first time.

The store is shared by all processes of the service, and decides in one transaction: of two requests with the same key,
one begins.
Source: IETF HTTPAPI working group, "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

KEPT_FOR = timedelta(days=7)
"""How long an answer is kept, from when its request first began."""

LEASE = timedelta(minutes=2)
"""How long a request may run before it counts as lost, with the process that ran it."""


@dataclass(frozen=True, slots=True)
class RequestKey:
    """Identifies a request of a caller.

    Attributes:
        caller: `Caller.key`; callers cannot meet each other's keys.
        key: The header's value.
    """

    caller: str
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is given again.

    Attributes:
        status: The status code.
        headers: The headers that are part of the answer, such as Location and ETag.
        body: The body, as it was sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Begun:
    """The request is to be done now.

    Attributes:
        reference: A random name, made when the key was first seen and the same in every later attempt. What the request
            makes is named after it, so that an attempt after a crash finds what the one before it made.
        attempt: Names this attempt; an attempt that lost its lease to another can finish or release nothing.
    """

    reference: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Running:
    """An attempt of the same request runs.

    Attributes:
        retry_after: When it ends at the latest.
    """

    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class Reused:
    """The key was used for another request."""


class KeyStore(Protocol):
    """The store; its methods block, and are called from worker threads."""

    def begin(self, request: RequestKey, fingerprint: str, now: datetime) -> Begun | Running | Reused | Answer:
        """Begins a request, or says why not; atomic over all processes.

        `Begun` where the key is unknown, was released, is older than `KEPT_FOR`, or where its attempt began more than
        `LEASE` ago and has not finished; in the second and last case with the reference of before.

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
