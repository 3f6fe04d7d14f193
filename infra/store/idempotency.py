"""Answers kept by ``Idempotency-Key``: a request that is sent again gets the answer of the first, and does nothing.

After the IETF draft "The Idempotency-Key HTTP Header Field": another body is refused (422), and so is a request whose
first one still runs (409).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, select, update

from infra.store.ids import new_id
from infra.store.inserting import insert_if_absent
from infra.store.tables import idempotency_keys

#: How long an answer is kept, from when its request first began.
KEPT = timedelta(days=7)
#: How long a request may run before it counts as lost, with the process that ran it.
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is given again.

    Args:
        status: The HTTP status.
        headers: The headers that are part of the answer, such as Location and ETag.
        body: The body, as it was sent.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Begun:
    """The request is to be done now.

    Args:
        reference: An id, made when the key was first seen and the same in every later attempt. What the request makes
            is named after it, so that an attempt after a crash finds what the one before it made.
        attempt: Names this attempt; an attempt that lost its lease to another can finish or release nothing.
    """

    reference: str
    attempt: str


@dataclass(frozen=True, slots=True)
class Running:
    """An attempt of the same request runs.

    Args:
        retry_after: When it ends at the latest.
    """

    retry_after: timedelta


@dataclass(frozen=True, slots=True)
class Reused:
    """The key was used for another request."""


def begin(
    connection: Connection, caller: str, key: str, digest: str, now: datetime
) -> Begun | Running | Reused | Answer:
    """Take a key for a request, or say why not.

    `Begun` where the key is unknown, was released, is older than `KEPT`, or where its attempt began more than `LEASE`
    ago and has not finished; in the second and last case with the reference of before.

    Args:
        connection: In a transaction of its own: the request's own writes come after it.
        caller: Whose key it is; the same key of another caller is another key.
        key: The ``Idempotency-Key``.
        digest: What the request is: of its method, path, query and body.
        now: The time.
    """
    connection.execute(delete(idempotency_keys).where(_is(caller, key), idempotency_keys.c.begun_at <= now - KEPT))
    begun = Begun(new_id(), uuid4().hex)
    values = {
        "caller": caller,
        "key": key,
        "digest": digest,
        "reference": begun.reference,
        "attempt": begun.attempt,
        "begun_at": now,
        "leased_until": now + LEASE,
    }
    if insert_if_absent(connection, idempotency_keys, values):
        return begun
    row = connection.execute(select(idempotency_keys).where(_is(caller, key)).with_for_update()).mappings().one()
    if row["digest"] != digest:
        return Reused()
    if row["status"] is not None:
        return _answer(row)
    if row["leased_until"] is not None and now < row["leased_until"]:
        return Running(row["leased_until"] - now)
    connection.execute(
        update(idempotency_keys).where(_is(caller, key)).values(attempt=begun.attempt, leased_until=now + LEASE)
    )
    return Begun(row["reference"], begun.attempt)


def finish(connection: Connection, caller: str, key: str, attempt: str, answer: Answer) -> None:
    """Keep the answer; nothing happens where the attempt is not the current one."""
    connection.execute(
        update(idempotency_keys)
        .where(_is(caller, key), idempotency_keys.c.attempt == attempt)
        .values(
            status=answer.status,
            headers=msgspec.json.encode(answer.headers).decode(),
            answer=answer.body.decode(),
        )
    )


def release(connection: Connection, caller: str, key: str, attempt: str) -> None:
    """Let the same request begin anew at once; nothing happens where the attempt is not the current one."""
    connection.execute(
        update(idempotency_keys)
        .where(_is(caller, key), idempotency_keys.c.attempt == attempt, idempotency_keys.c.status.is_(None))
        .values(leased_until=None)
    )


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete what is kept no longer, and return how many there were."""
    return connection.execute(delete(idempotency_keys).where(idempotency_keys.c.begun_at <= now - KEPT)).rowcount


def _is(caller: str, key: str) -> ColumnElement[bool]:
    return and_(idempotency_keys.c.caller == caller, idempotency_keys.c.key == key)


def _answer(row: RowMapping) -> Answer:
    headers = msgspec.json.decode(row["headers"], type=dict[str, str])
    return Answer(row["status"], headers, row["answer"].encode())
