"""The account's capacity: how many more tenants fit, and how much of each quota is used."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from infra.console.visit import Visit
from infra.quotas.report import Capacity


def show(visit: Visit) -> Response:
    """The page."""
    return visit.page("capacity.html.jinja", capacity=msgspec.convert(visit.found(visit.parts.capacity), Capacity))
