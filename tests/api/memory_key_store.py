"""A key store in memory, which keeps to the contract of `infra.api.idempotency.keys.KeyStore`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from uuid import uuid4

from infra.api.idempotency.keys import KEPT_FOR, LEASE, Answer, Begun, RequestKey, Reused, Running


@dataclass
class _Row:
    fingerprint: str
    reference: str
    attempt: str
    created: datetime
    leased: datetime | None
    answer: Answer | None = None


@dataclass
class MemoryKeyStore:
    rows: dict[RequestKey, _Row] = field(default_factory=dict[RequestKey, _Row])
    lock: Lock = field(default_factory=Lock)

    def begin(self, request: RequestKey, fingerprint: str, now: datetime) -> Begun | Running | Reused | Answer:
        with self.lock:
            row = self.rows.get(request)
            if row is None or now >= row.created + KEPT_FOR:
                row = self.rows[request] = _Row(fingerprint, uuid4().hex, uuid4().hex, now, now)
                return Begun(row.reference, row.attempt)
            if row.fingerprint != fingerprint:
                return Reused()
            if row.answer is not None:
                return row.answer
            if row.leased is not None and now < row.leased + LEASE:
                return Running(row.leased + LEASE - now)
            row.attempt, row.leased = uuid4().hex, now
            return Begun(row.reference, row.attempt)

    def finish(self, request: RequestKey, attempt: str, answer: Answer) -> None:
        with self.lock:
            if self.rows[request].attempt == attempt:
                self.rows[request].answer = answer

    def release(self, request: RequestKey, attempt: str) -> None:
        with self.lock:
            if self.rows[request].attempt == attempt:
                self.rows[request].leased = None
