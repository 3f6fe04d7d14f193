"""The words of a rollout as data: the fleet's tenants, the policy, the plan with its waves, and what was recorded."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from infra.spec.common import Region, Tier
from infra.spec.fleet import TenantId

#: ``unhealthy``: its checks fail. ``unfinished``: a run was cut off, or it is being erased. ``failed``: its last
#: operation failed, and nobody has mended that. ``unknown``: nobody could tell.
Condition = Literal["healthy", "unhealthy", "unfinished", "failed", "unknown"]
#: How a step ended; ``unknown``: it may have worked, and nobody could tell.
Outcome = Literal["passed", "failed", "unknown"]
ActionKind = Literal["check", "upgrade", "verify", "roll back"]
#: ``current``: it runs the version already. ``not selected``: the rollout is not for it. ``set aside``: it is not
#: touched, for a reason that is told, and the rollout does not count as complete.
LeftOutKind = Literal["current", "not selected", "set aside"]

Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+_-]{0,99}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class FleetModel(BaseModel):
    """Base of what a rollout's files hold: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FleetTenant(FleetModel):
    """A tenant as the fleet's status tells it.

    Args:
        id: Its id.
        tier: Its tier.
        region: Its AWS Region.
        version: The blueprint's version that it runs; None where nobody could tell.
        condition: How it is.
    """

    id: TenantId
    tier: Tier
    region: Region
    version: Version | None
    condition: Condition


class SetAside(FleetModel):
    """Somebody's word that a tenant is left as it is.

    Args:
        tenant: The tenant.
        by: Who said so.
        reason: Why.
    """

    tenant: TenantId
    by: Text
    reason: Text


class Planned(FleetModel):
    """A tenant of a wave, and the version to which it is rolled back."""

    tenant: TenantId
    tier: Tier
    region: Region
    former: Version


class LeftOut(FleetModel):
    """A tenant that is in no wave, and why."""

    tenant: TenantId
    kind: LeftOutKind
    why: Text


class Wave(FleetModel):
    """Tenants that are upgraded together.

    Args:
        name: ``canaries``, ``5 %``, ..., ``all``.
        tenants: The tenants, in the order in which they start.
        tolerated: How many of them may fail before the wave is halted.
        approval: Whether somebody must approve after its previews and proofs, before its first upgrade.
    """

    name: Text
    tenants: tuple[Planned, ...]
    tolerated: int
    approval: bool


class Plan(FleetModel):
    """A rollout: every tenant of the fleet is in one wave, or left out with the reason."""

    to: Version
    waves: tuple[Wave, ...]
    left_out: tuple[LeftOut, ...]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the plan, in hex: what ties a record to it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Action(FleetModel):
    """One step with one tenant.

    ``check``: preview and proof. ``upgrade``: the update. ``verify``: health and smoke checks. ``roll back``: the
    update to the former version, which ends with the same checks. Each may run more than once.
    """

    kind: ActionKind
    tenant: TenantId
    wave: Annotated[int, Field(ge=0)]


class Started(FleetModel):
    """An action is about to run; recorded before it does."""

    entry: Literal["started"] = "started"
    action: Action


class Ended(FleetModel):
    """An action ended."""

    entry: Literal["ended"] = "ended"
    action: Action
    outcome: Outcome
    detail: str = ""


class Answered(FleetModel):
    """Somebody approved a wave, or refused to."""

    entry: Literal["answered"] = "answered"
    wave: Annotated[int, Field(ge=0)]
    granted: bool
    by: Text


class Halted(FleetModel):
    """Somebody halted the rollout; the wave that is going on is rolled back."""

    entry: Literal["halted"] = "halted"
    by: Text
    reason: Text


Entry = Annotated[Started | Ended | Answered | Halted, Field(discriminator="entry")]


class Record(FleetModel):
    """What happened in a rollout, in order.

    Args:
        plan: The digest of its plan.
        entries: What happened.
    """

    plan: str
    entries: tuple[Entry, ...] = ()
