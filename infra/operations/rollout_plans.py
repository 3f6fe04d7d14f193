"""What a rollout is to do, from what somebody wishes and the fleet as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from pydantic import ValidationError

from infra.errors import UserError
from infra.fleet import FleetTenant, Plan, Policy, SetAside, plan_rollout
from infra.operations.fleet_status import FleetStatus, fleet_status, fleet_tenants
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace


class RolloutWish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wishes of a rollout; what is None is as the platform's spec says under ``fleet.rollout``.

    Args:
        to: A branch, tag or commit of the blueprint, or a version.
        canaries: The tenants that go first.
        shares: Up to which percents the next waves go, rising.
        tolerated: How many of a wave may fail before it is halted.
        approval: Before which waves somebody must approve.
        only: Only these tenants, tiers or Regions; none: all.
        set_aside: Tenants that are left as they are, with the reason.
    """

    to: str
    canaries: tuple[str, ...] | None = None
    shares: tuple[int | str, ...] | None = None
    tolerated: int | None = None
    approval: str | None = None
    only: tuple[str, ...] = ()
    set_aside: Mapping[str, str] = {}


def planned(workspace: Workspace, versions: Versions, wish: RolloutWish, *, by: str, now: datetime) -> Plan:
    """Plan a rollout over the fleet as it is now; nothing is changed.

    Args:
        workspace: The specs and the stacks' state.
        versions: Know the versions.
        wish: What is wished.
        by: Who wishes it.
        now: The time, in UTC.

    Raises:
        FleetNotReady: A tenant is in a state that nobody may build on.
        UserError: There is no such version, or a value or name is wrong.
    """
    policy = _policy(workspace.estate.platform.fleet.rollout, wish)
    aside = [SetAside(tenant=tenant, by=by, reason=reason) for tenant, reason in wish.set_aside.items()]
    status = fleet_status(workspace, today=now.date())
    _require_known(wish.only, status)
    version = versions.code(wish.to).version

    def selected(one: FleetTenant) -> bool:
        return not wish.only or bool({one.id, one.tier, one.region} & {*wish.only})

    plan = plan_rollout(fleet_tenants(status), version, policy, set_aside=aside, selected=selected)
    versions.require_kept(version)
    versions.require_runnable(version)
    return plan


def _policy(known: Policy, wish: RolloutWish) -> Policy:
    """The platform's policy with what is wished instead."""
    given = {name: getattr(wish, name) for name in ("canaries", "shares", "tolerated", "approval")}
    values = known.model_dump() | {name: value for name, value in given.items() if value is not None}
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        raise UserError(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']} (got {problem['input']!r})",
            remedy="see bulkhead fleet upgrade --help",
        ) from None


def _require_known(only: tuple[str, ...], status: FleetStatus) -> None:
    names = {name for one in status.tenants for name in (one.tenant, one.tier, one.region)}
    if unknown := sorted({*only} - names):
        raise UserError(
            f"{', '.join(unknown)} is no tenant, tier or Region of the fleet",
            remedy=f"choose from {', '.join(sorted(names))}",
        )
