"""The account's capacity: how many more tenants fit, and how much of each quota is used."""

from __future__ import annotations

from starlette.responses import Response

from infra.console.visit import Visit


def show(visit: Visit) -> Response:
    """The page."""
    return visit.page("capacity.html.jinja", capacity=visit.parts.capacity())
