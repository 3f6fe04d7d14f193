"""What is found out about a call while it is answered, for its entry in the audit log: never a value that was sent.

A token, a key or a spec may have been pasted anywhere into a request. So an entry names the route, and ids that look
like ids; it has no query, no header and no body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.types import Scope

from infra.api.auth.caller import Caller
from infra.api.auth.roles import ApiOperation
from infra.api.middleware.request_ids import current_request_id

KEY = "bulkhead.audit"
"""Under this key of its scope a request has its note."""

_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SUBJECTS = {"tenant_id": "tenants", "operation_id": "operations", "rollout_id": "rollouts"}


@dataclass
class CallNote:
    """One call.

    Attributes:
        operation: What it asks for; None where no route was found.
        caller: Who sent it; None where no token was accepted.
        recorded: Whether it has its entry already: it is in the transaction of the change that it made.
        detail: What else its entry says.
    """

    operation: ApiOperation | None = None
    caller: Caller | None = None
    recorded: bool = False
    detail: dict[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, kw_only=True)
class CallEntry:
    """The entry of a call, not yet kept; see `infra.store.audit_log.AuditEntry`.

    Attributes:
        actor: The caller's subject; empty where no token was accepted.
        action: The operation, or the method where there is no route.
        subject: What it is about.
        outcome: ``allowed``, ``refused`` or ``failed``.
        detail: What else there is to say, of bounded size.
    """

    actor: str
    action: str
    subject: str
    outcome: str
    detail: Mapping[str, object]


def note_of(connection: HTTPConnection) -> CallNote:
    """The note of a request."""
    note: CallNote = connection.scope[KEY]
    return note


def entry_of(scope: Scope, note: CallNote, status: int) -> CallEntry:
    """The entry of a call.

    Args:
        scope: The request's.
        note: What was found out.
        status: The status that it is answered with.
    """
    method = scope["method"] if scope["method"] in _METHODS else "other"
    route = str(getattr(scope.get("route"), "path", "unmatched"))
    client = scope.get("client")
    detail: dict[str, object] = {
        "request_id": current_request_id(),
        "method": method,
        "route": route,
        "status": status,
        "address": client[0] if client else "",
        **note.detail,
    }
    if note.caller is not None:
        detail["roles"] = sorted(note.caller.roles)
    return CallEntry(
        actor="" if note.caller is None else note.caller.subject,
        action=note.operation or method,
        subject=_subject(scope, route),
        outcome="allowed" if status < 400 else "refused" if status < 500 else "failed",
        detail=detail,
    )


def _subject(scope: Scope, route: str) -> str:
    for parameter, kind in _SUBJECTS.items():
        value = scope.get("path_params", {}).get(parameter)
        if value is not None:
            return f"{kind}/{value if _ID.fullmatch(str(value)) else 'invalid'}"
    return route.removeprefix("/v1/")
