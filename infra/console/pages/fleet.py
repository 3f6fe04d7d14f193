"""The fleet: which versions its tenants run and how they are, and the rollout with its waves."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from infra.console import reads
from infra.console.fleet_picture import fleet_picture
from infra.console.visit import Visit
from infra.store.database import reading

#: So many rollouts are shown, the newest.
_MOST_ROLLOUTS = 10


def show(visit: Visit) -> Response:
    """The page."""
    with reading(visit.parts.store) as connection:
        last = reads.last_event(connection)
    picture = fleet_picture(visit.found(visit.parts.fleet))
    rollouts = visit.parts.rollouts.newest(_MOST_ROLLOUTS)
    versions = Counter(each.version or "unknown" for each in picture.fleet.tenants)
    return visit.page(
        "fleet.html.jinja",
        picture=picture,
        rollouts=rollouts,
        versions=versions.most_common(),
        last_event=last,
    )
