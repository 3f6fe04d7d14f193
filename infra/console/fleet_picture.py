"""The fleet as the console shows it: each tenant with its version and how it is, and the rollout with its waves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMember:
    """A tenant of the fleet.

    Attributes:
        tenant: Its id.
        version: The blueprint's version that it runs; empty where nobody could tell.
        age: ``current``, ``behind``, ``too old`` or ``unknown``.
        health: ``healthy``, ``unhealthy``, ``unfinished`` or ``unknown``.
        drift: What differs from its stack's state; empty: nothing does. None where nobody has looked.
        proof: The verdict of its last proof; empty where there is none.
        proved_at: When that was.
        usd_month: Its fixed charges, in US dollars a month; None where they are not known.
    """

    tenant: str
    version: str
    age: str
    health: str
    drift: str | None
    proof: str
    proved_at: datetime | None
    usd_month: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveMember:
    """A tenant of a wave, and how it stands there, as `infra.fleet.progress.Standing` says."""

    tenant: str
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePicture:
    """A wave of the rollout.

    Attributes:
        name: ``canaries``, ``5 %``, ..., ``all``.
        members: Its tenants.
        awaits_approval: Whether it waits for somebody's approval.
    """

    name: str
    members: tuple[WaveMember, ...]
    awaits_approval: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPicture:
    """The newest rollout.

    Attributes:
        to: The version that it brings.
        verdict: ``running``, ``waiting for approval``, ``complete``, ``incomplete`` or ``halted``.
        why: What halted it; empty otherwise.
        waves: Its waves, in order.
        left_out: The tenants that are in no wave, and why.
    """

    to: str
    verdict: str
    why: str
    waves: tuple[WavePicture, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPicture:
    """The fleet.

    Attributes:
        members: Its tenants, by id.
        rollout: The newest rollout; None where there was none.
    """

    members: tuple[FleetMember, ...]
    rollout: RolloutPicture | None
