"""The audit log: who did what, with which outcome. Each entry holds the hash of the one before it.

The table refuses changes; who gets around that breaks the chain. Who cuts off its end, or writes it all anew, is found
by a hash of its head that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from infra.store import sequencing
from infra.store.tables import audit_log, instant_text, sequences

#: What stands in the first entry for the hash of the one before.
GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One entry.

    Args:
        sequence: Its number: from 1, without holes.
        at: When it was.
        actor: Who did it: the subject of the token.
        action: What was done: ``tenants.create``.
        subject: What it was done to: ``tenants/acme``.
        outcome: How it ended: ``allowed``, ``refused`` and the like.
        detail: More of it: a JSON object, never with a secret in it.
        previous: The hash of the entry before.
        hash: SHA-256 of all of the above, in hexadecimal digits.
    """

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Intact:
    """The chain holds.

    Args:
        entries: How many entries there are.
        head: The hash of the last one: keep it elsewhere.
    """

    entries: int
    head: str


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The chain does not hold.

    Args:
        sequence: The first number at which it does not.
        why: What is wrong there.
    """

    sequence: int
    why: str


def append(
    connection: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    outcome: str,
    detail: Mapping[str, object],
    now: datetime,
) -> AuditEntry:
    """Add an entry: the last write of its transaction, since all other writers of the log wait for its end."""
    sequence = sequencing.take(connection, "audit_log")
    newest = select(audit_log.c.hash).where(audit_log.c.sequence == sequence - 1)
    previous: str = connection.execute(newest).scalar() or GENESIS
    text = msgspec.json.encode(detail, order="sorted").decode()
    entry = AuditEntry(
        sequence=sequence,
        at=now,
        actor=actor,
        action=action,
        subject=subject,
        outcome=outcome,
        detail=text,
        previous=previous,
        hash="",
    )
    entry = replace(entry, hash=hash_of(entry))
    connection.execute(insert(audit_log).values(asdict(entry)))
    return entry


def hash_of(entry: AuditEntry) -> str:
    """The hash that an entry must have: SHA-256 of a JSON array of its other fields, in hexadecimal digits."""
    fields = [
        entry.sequence,
        instant_text(entry.at),
        entry.actor,
        entry.action,
        entry.subject,
        entry.outcome,
        entry.detail,
        entry.previous,
    ]
    return hashlib.sha256(msgspec.json.encode(fields)).hexdigest()


def entries(
    connection: Connection, *, after: int = 0, subject: str | None = None, limit: int = 100
) -> list[AuditEntry]:
    """Entries in their order.

    Args:
        connection: In a transaction.
        after: Only those after this number.
        subject: Only those about this.
        limit: How many at most.
    """
    statement = select(audit_log).where(audit_log.c.sequence > after).order_by(audit_log.c.sequence).limit(limit)
    if subject is not None:
        statement = statement.where(audit_log.c.subject == subject)
    return [AuditEntry(**row) for row in connection.execute(statement).mappings()]


def verify(connection: Connection, *, known: Mapping[int, str] | None = None) -> Intact | Broken:
    """Whether the log is what was written.

    Args:
        connection: In a transaction.
        known: Hashes of entries by their number, kept elsewhere when they were the head.
    """
    missing = dict(known or {})
    previous, sequence = GENESIS, 0
    while batch := entries(connection, after=sequence, limit=1000):
        for entry in batch:
            sequence += 1
            why = _wrong(entry, sequence, previous, missing.pop(sequence, entry.hash))
            if why:
                return Broken(sequence=sequence, why=why)
            previous = entry.hash
    last = connection.execute(select(sequences.c.last).where(sequences.c.name == "audit_log")).scalar_one()
    if last != sequence or missing:
        return Broken(sequence=sequence + 1, why="entries are missing at the end")
    return Intact(entries=sequence, head=previous)


def _wrong(entry: AuditEntry, sequence: int, previous: str, known: str) -> str:
    """What is wrong with an entry that should be this one; empty: nothing."""
    if entry.sequence != sequence:
        return f"entry {sequence} is missing"
    if entry.previous != previous:
        return "it does not follow the entry before it"
    if entry.hash != hash_of(entry):
        return "it was changed after it was written"
    return "" if entry.hash == known else "it is not the entry whose hash was kept elsewhere"
