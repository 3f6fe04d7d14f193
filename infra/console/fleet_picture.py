"""What the console shows of the fleet's document: a part of it, so that the document may grow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a check said, and when."""

    at: datetime
    verdict: str
    detail: str = ""


class Drifted(msgspec.Struct, frozen=True, kw_only=True):
    """The last look at a tenant's cloud: when, whether it had drifted, and what had."""

    at: datetime
    state: str
    resources: tuple[Mapping[str, Any], ...] = ()


class FleetMember(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant of the fleet.

    Args:
        tenant: Its id.
        version: The blueprint's version that it runs; None: nobody can tell.
        skew: How far that is behind, as a verdict.
        condition: How it is; None: it is not deployed.
        by_hand: What somebody ran past us; empty: nothing.
        drift: The last look at its cloud; None: nobody looked.
        proof: The last proof; None: there was none.
        health: The last health and smoke checks; None: there were none.
        usd_month: What its resources cost a month, in US dollars; None: unknown.
        note: What is wrong, and what to do.
    """

    tenant: str
    version: str | None
    skew: str
    condition: str | None
    by_hand: str = ""
    drift: Drifted | None = None
    proof: Seen | None = None
    health: Seen | None = None
    usd_month: float | None = None
    note: str = ""


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """The tenants, and why their versions could not be compared, if so."""

    newest: str | None
    tenants: tuple[FleetMember, ...]
    note: str = ""


class FleetPicture(msgspec.Struct, frozen=True, kw_only=True):
    """The fleet."""

    fleet: Fleet


def fleet_picture(document: Mapping[str, Any]) -> FleetPicture:
    """What is shown of the document of ``GET /v1/fleet``."""
    return msgspec.convert(document, FleetPicture)
