"""How the fleet of tenants is kept at one version: the key ``fleet`` of the platform's spec."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.spec.common import TENANT_ID_PATTERN, SpecModel

TenantId = Annotated[str, StringConstraints(pattern=TENANT_ID_PATTERN)]


class RolloutPolicy(SpecModel):
    """In which waves a version of the blueprint reaches the tenants."""

    canaries: tuple[TenantId, ...] = ()
    """The tenants that go first, together."""
    shares: Annotated[tuple[Annotated[int, Field(ge=1, le=99)], ...], Field(max_length=20)] = (5, 25)
    """Up to which shares of the other tenants the waves after the canaries go, in percent, rising; the last wave, all
    the others, need not be named."""
    tolerated: Annotated[int, Field(ge=0)] = 0
    """How many tenants of a wave may fail and be set aside before the wave is halted and rolled back; none of the
    canaries may."""
    approval: Literal["none", "after the first", "each"] = "none"
    """Before which waves somebody must approve: none, those after the first, or each."""
    broken: Literal["set aside", "refuse"] = "set aside"
    """What becomes of tenants that are unhealthy or unfinished before the rollout: they are set aside, or they refuse
    the plan. An unknown one always refuses it."""


class SkewWindow(SpecModel):
    """How far behind the newest version a tenant may be."""

    days: Annotated[int, Field(ge=0)] = 30
    """Days since its version was replaced by the next one."""
    releases: Annotated[int, Field(ge=0)] = 2
    """How many releases are newer than its version."""


class Fleet(SpecModel):
    """How the fleet is upgraded, how old a tenant's version may be, and what becomes of drift."""

    rollout: RolloutPolicy = RolloutPolicy()
    window: SkewWindow = SkewWindow()
    drift: Literal["report", "restore"] = "report"
    """What is done where the cloud differs from what was deployed: it is told, or it is told and put back."""
