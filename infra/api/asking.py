"""Who asks for a change, under which id, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from infra.api.audit.note import CallEntry
from infra.api.audit.trail import append_call
from infra.api.auth.caller import Caller
from infra.api.auth.roles import ApiOperation
from infra.gitops import Author, Written
from infra.store.changes import Asked
from infra.store.operations import OperationRecord

NORMAL = 100
URGENT = 10
"""Priorities; the lower, the sooner."""

_MOST_KEYS = 50
_LONGEST_KEY = 100
_LONGEST_CALLER = 128


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A request for a change.

    Attributes:
        caller: Who asks.
        operation: The id that the operation gets; the same for a request that is repeated.
        now: The time, in UTC.
        call: What the audit log says of the call, such as its request id and address; of bounded size.
    """

    caller: Caller
    operation: str
    now: datetime
    call: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def name(self) -> str:
        """The caller's subject, as operations and jobs keep it; a long one is cut, and told apart by its digest."""
        subject = self.caller.subject
        if len(subject) <= _LONGEST_CALLER:
            return subject
        return f"{subject[: _LONGEST_CALLER - 17]}-{sha256(subject.encode()).hexdigest()[:16]}"

    def asked(self, priority: int = NORMAL) -> Asked:
        """As the store takes it."""
        return Asked(operation=self.operation, caller=self.name, priority=priority, now=self.now)

    def author(self) -> Author:
        """As the history of the specs has it."""
        plain = "".join(each for each in self.name if each.isascii() and each.isprintable() and each not in "<>")
        return Author(name=plain.strip() or "caller", email="caller@bulkhead.invalid")

    def record(self, connection: Connection, action: ApiOperation, subject: str, **detail: object) -> None:
        """Writes the audit entry of the change: the last write of its transaction.

        Args:
            connection: In the transaction of the change.
            action: What was asked for.
            subject: What it changes.
            detail: What else there is to say: never a value of a spec.
        """
        said = {**self.call, **detail, "roles": sorted(self.caller.roles)}
        entry = CallEntry(actor=self.caller.subject, action=action, subject=subject, outcome="allowed", detail=said)
        append_call(connection, entry, self.now)


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What became of a request for a change.

    Attributes:
        tenant: The tenant that is changed.
        operation: The operation that makes the change; None where there is none to make, or it waits to be merged.
        proposal: Where the change waits to be merged.
        recorded: Whether the audit log has it, in the transaction of the change.
    """

    tenant: str
    operation: OperationRecord | None = None
    proposal: Written | None = None
    recorded: bool = False


def shown_keys(changed: list[tuple[str, ...]]) -> list[str]:
    """The keys that a change is of, for the audit log: a bounded number, each of bounded length."""
    return ["/".join(path)[:_LONGEST_KEY] for path in changed[:_MOST_KEYS]]
