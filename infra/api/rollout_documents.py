"""The documents of rollouts: what a request for one says, its plan, and how one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from infra.operations.rollout_view import RolloutView
from infra.spec.fleet import TenantId

VERSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,127}$"
_MOST_TENANTS = 1_000
_Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
_Share = Annotated[int, Field(ge=1, le=99)]
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]


class RolloutRequest(BaseModel, frozen=True, extra="forbid"):
    """A rollout that is wished; what is left out is as the platform's spec says under ``fleet.rollout``.

    Attributes:
        to: A version of the blueprint, or a branch, tag or commit of it.
        canaries: The tenants that go first, together.
        shares: Up to which percents of the other tenants the next waves go, rising.
        tolerated: How many of a wave may fail before it is halted.
        approval: Before which waves somebody must approve.
        only: Only these tenants, tiers or Regions; none: all.
        set_aside: Tenants that are left as they are, with the reason.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "v1.3.0", "canaries": ["acme"], "shares": [25]}]})

    to: Annotated[str, Field(pattern=VERSION_PATTERN)]
    canaries: Annotated[list[TenantId] | None, Field(max_length=_MOST_TENANTS)] = None
    shares: Annotated[list[_Share] | None, Field(max_length=20)] = None
    tolerated: Annotated[int | None, Field(ge=0, le=_MOST_TENANTS)] = None
    approval: Literal["none", "after the first", "each"] | None = None
    only: Annotated[list[_Name], Field(max_length=_MOST_TENANTS)] = []
    set_aside: Annotated[dict[TenantId, _Reason], Field(max_length=_MOST_TENANTS)] = {}

    def wish(self) -> dict[str, Any]:
        """As `infra.operations.rollout_plans.RolloutWish`."""
        return self.model_dump(mode="json")


class WaveAnswer(BaseModel, frozen=True, extra="forbid"):
    """An answer for a wave that waits.

    Attributes:
        wave: Its name, so that the answer is for no other wave than the one that was looked at.
        granted: Whether it may be upgraded; otherwise the rollout is halted.
    """

    wave: Annotated[str, Field(min_length=1, max_length=100)]
    granted: bool = True


class HaltRequest(BaseModel, frozen=True, extra="forbid"):
    """Why a rollout is halted."""

    reason: _Reason


class WaveDocument(BaseModel, frozen=True):
    """A wave.

    Attributes:
        name: ``canaries``, ``5 %``, ..., ``all``.
        tenants: Each tenant's id with how it stands.
        awaits_approval: Whether somebody must approve it now.
        approval: Whether somebody must approve it before its first upgrade.
        tolerated: How many of its tenants may fail before it is halted.
    """

    name: str
    tenants: Mapping[str, str]
    awaits_approval: bool
    approval: bool
    tolerated: int


class RolloutDocument(BaseModel, frozen=True):
    """A rollout; see `infra.operations.rollout_view.RolloutView`."""

    id: str
    to: str
    verdict: Literal["going on", "waiting", "stopped", "complete", "incomplete", "halted"]
    why: str
    held_up: str
    by: str
    waves: Sequence[WaveDocument]
    left_out: Mapping[str, str]
    troubles: Mapping[str, str]


def rollout_document(view: RolloutView) -> RolloutDocument:
    """A rollout as it is shown."""
    return RolloutDocument.model_validate(msgspec.to_builtins(view))
