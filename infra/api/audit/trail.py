"""Writes the entries of calls into the audit log before the calls are answered, many of them in one transaction.

No answer leaves before its entry is on the disk, so that nothing that anybody has seen is missing from the log. Calls
that come while a transaction is being written share the next one: the cost of a commit is that of many calls.

A flood of refused calls must not fill the disk: beyond the limit of its sender they are counted, and the count is
written with the next entry of the sender that is, or when the trail is told to `settle`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from infra.api.audit.note import CallEntry
from infra.api.rate_limit import RateLimiter
from infra.store import audit_log
from infra.store.database import transaction

_MOST_SENDERS = 10_000
_log = logging.getLogger(__name__)


class AuditUnavailable(Exception):
    """The entry could not be written: the call must not be answered."""


@dataclass
class _Pending:
    entry: CallEntry
    tried: bool = False
    written: bool = False


@dataclass(kw_only=True)
class AuditTrail:
    """The way into the audit log of one process.

    Attributes:
        store: The database.
        now: The time, in UTC.
        refusals: Limits the entries of refused calls, by their sender.
    """

    store: Engine
    now: Callable[[], datetime]
    refusals: RateLimiter
    _waiting: list[_Pending] = field(default_factory=list[_Pending], init=False)
    _untold: dict[str, int] = field(default_factory=dict[str, int], init=False)
    _lock: anyio.Lock = field(default_factory=anyio.Lock, init=False)

    async def record(self, entry: CallEntry) -> None:
        """Keeps an entry; returns when it is on the disk, or counted.

        Raises:
            AuditUnavailable: It could not be written.
        """
        sender = entry.actor or str(entry.detail.get("address", ""))
        if entry.outcome == "refused" and self.refusals.take(sender):
            self._count(sender)
            return
        untold = self._untold.pop(sender, 0)
        if not untold:
            await self._write(entry)
            return
        try:
            await self._write(replace(entry, detail={**entry.detail, "refused_before": untold}))
        except AuditUnavailable:
            self._count(sender, untold)
            raise

    async def settle(self) -> None:
        """Writes the counts of calls that have no entry of their own; when the service ends, or now and then.

        Raises:
            AuditUnavailable: One could not be written.
        """
        for sender in list(self._untold):
            detail = {"sender": sender, "address": sender}
            await self.record(CallEntry(actor="", action="calls", subject="calls", outcome="counted", detail=detail))

    def _count(self, sender: str, count: int = 1) -> None:
        # Senders beyond those that are told apart are counted together.
        known = sender in self._untold or len(self._untold) < _MOST_SENDERS
        key = sender if known else ""
        self._untold[key] = self._untold.get(key, 0) + count

    async def _write(self, entry: CallEntry) -> None:
        pending = _Pending(entry)
        self._waiting.append(pending)
        # Whoever went away meanwhile has asked nevertheless: the entry is written.
        with anyio.CancelScope(shield=True):
            async with self._lock:
                if not pending.tried:
                    batch, self._waiting = self._waiting, []
                    try:
                        await run_sync(self._append, [each.entry for each in batch])
                        written = True
                    except SQLAlchemyError:
                        _log.exception("%d entries of the audit log could not be written", len(batch))
                        written = False
                    for each in batch:
                        each.tried, each.written = True, written
        if not pending.written:
            raise AuditUnavailable

    def _append(self, entries: list[CallEntry]) -> None:
        now = self.now()
        with transaction(self.store) as connection:
            for entry in entries:
                append_call(connection, entry, now)


def append_call(connection: Connection, entry: CallEntry, now: datetime) -> None:
    """Keeps an entry in a transaction, as its last write."""
    audit_log.append(
        connection,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        outcome=entry.outcome,
        detail=entry.detail,
        now=now,
    )
