"""Who is signed in to the console; a platform administrator ends all sessions of a caller."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from infra.api.auth.roles import ApiOperation
from infra.console.forms import Fields
from infra.console.visit import Visit, note_of
from infra.store import sessions
from infra.store.database import reading, transaction

_MOST = 200


def show(visit: Visit) -> Response:
    """The page."""
    with reading(visit.parts.store) as connection:
        found = sessions.signed_in(connection, visit.parts.now(), _MOST)
    return visit.page("signed_in.html.jinja", found=found)


def revoke(visit: Visit, fields: Fields, _started: str) -> Response:
    """End all sessions of a caller; one's own as well."""
    with transaction(visit.parts.store) as connection:
        ended = sessions.close_all_of(connection, fields.text("caller", most=2_000))
        note_of(visit.request).recorded = True
        visit.asking("").record(
            connection, ApiOperation.SESSIONS_END, f"sessions/{fields.text('subject', most=200)}"[:128], ended=ended
        )
    return RedirectResponse(visit.address("/signed-in"), 303)
