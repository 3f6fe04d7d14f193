"""The audit log: who did what, and whether the chain of its entries holds."""

from __future__ import annotations

from starlette.responses import Response

from infra.console import reads
from infra.console.visit import Visit
from infra.store.audit_log import verify
from infra.store.database import reading


def show(visit: Visit) -> Response:
    """The page."""
    after = visit.query("after")
    with reading(visit.parts.store) as connection:
        found = reads.audit_slice(
            connection,
            subject=visit.query("subject"),
            actor=visit.query("actor"),
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 16 else 0,
        )
        checked = verify(connection) if visit.query("verify") else None
    return visit.page(
        "audit.html.jinja", found=found, checked=checked, subject=visit.query("subject"), actor=visit.query("actor")
    )
