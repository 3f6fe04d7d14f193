"""Answers kept by ``Idempotency-Key``: a request that is sent again gets the answer of the first, and does nothing.

After the IETF draft "The Idempotency-Key HTTP Header Field": another body is refused (422), and so is a request whose
first one still runs (409).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from infra.errors import UserError
from infra.store.inserting import insert_if_absent
from infra.store.tables import idempotency_keys

#: How long an answer is kept.
KEPT = timedelta(days=7)
#: How long a request may run before its key is free again: its process has been killed, then.
LEASE = timedelta(minutes=5)


class KeyReused(UserError):
    """The key came before with another request."""


class RequestRunning(UserError):
    """The first request with the key still runs."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer that was given.

    Args:
        status: The HTTP status.
        body: The body.
    """

    status: int
    body: str


def digest_of(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same: SHA-256, in hexadecimal digits, of method, path and body."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def begin(connection: Connection, caller: str, key: str, digest: str, now: datetime) -> Answer | None:
    """Take a key for a request; an answer means that it was answered before, and must not be done again.

    Args:
        connection: In a transaction: that of the request's own writes, or one of its own if it takes long.
        caller: Whose key it is; the same key of another caller is another key.
        key: The ``Idempotency-Key``.
        digest: What the request is, by `digest_of`.
        now: The time.

    Raises:
        KeyReused: the key came with another request.
        RequestRunning: the first request still runs.
    """
    connection.execute(delete(idempotency_keys).where(_is(caller, key), idempotency_keys.c.expires_at <= now))
    values = {"caller": caller, "key": key, "digest": digest, "expires_at": now + LEASE}
    if insert_if_absent(connection, idempotency_keys, values):
        return None
    row = connection.execute(select(idempotency_keys).where(_is(caller, key))).mappings().one()
    if row["digest"] != digest:
        raise KeyReused("this Idempotency-Key came before with another request", "use a new key for a new request")
    if row["status"] is None:
        raise RequestRunning("the first request with this Idempotency-Key still runs", "send it again later")
    return Answer(status=row["status"], body=row["answer"])


def finish(connection: Connection, caller: str, key: str, answer: Answer, now: datetime) -> None:
    """Keep the answer to the request that has the key."""
    connection.execute(
        update(idempotency_keys)
        .where(_is(caller, key))
        .values(status=answer.status, answer=answer.body, expires_at=now + KEPT)
    )


def release(connection: Connection, caller: str, key: str) -> None:
    """Free the key of a request that has done nothing, so that it can be sent again."""
    connection.execute(delete(idempotency_keys).where(_is(caller, key), idempotency_keys.c.status.is_(None)))


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete what is kept no longer, and return how many there were."""
    return connection.execute(delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now)).rowcount


def _is(caller: str, key: str) -> ColumnElement[bool]:
    return and_(idempotency_keys.c.caller == caller, idempotency_keys.c.key == key)
