"""Plan a rollout: canaries first, then rising shares of every tier and Region, nobody left out in silence.

Source of the practice: Amazon Builders' Library, "Automating safe, hands-off deployments".
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from infra.errors import UserError
from infra.fleet.model import FleetTenant, LeftOut, Plan, Planned, SetAside, Wave
from infra.spec.fleet import RolloutPolicy as Policy

CANARIES = "canaries"
ALL = "all"


class FleetNotReady(UserError):
    """The plan is refused: tenants are in a state that nobody may build on.

    Args:
        tenants: The tenants, with what is wrong with each.
    """

    def __init__(self, tenants: Sequence[tuple[str, str]]) -> None:
        self.tenants = tuple(tenants)
        told = "; ".join(f"{tenant}: {what}" for tenant, what in tenants)
        super().__init__(
            f"{len(self.tenants)} of the fleet's tenants cannot be planned with: {told}",
            remedy="mend them, or set each aside with a reason, which the rollout then reports",
        )


def plan_rollout(
    fleet: Iterable[FleetTenant],
    to: str,
    policy: Policy,
    *,
    set_aside: Sequence[SetAside] = (),
    selected: Callable[[FleetTenant], bool] = lambda _: True,
) -> Plan:
    """Say in which order the tenants of a fleet get a version.

    Args:
        fleet: All tenants, each once.
        to: The blueprint's version that they are to run.
        policy: How.
        set_aside: The tenants that somebody leaves as they are.
        selected: Which tenants the rollout is for, for example those of a tier or a Region.

    Raises:
        FleetNotReady: A selected tenant is in an unknown state, or in a bad one and the policy refuses it.
        UserError: A tenant is there twice, shares do not rise, or a name is no tenant's.
    """
    tenants = sorted(fleet, key=lambda one: one.id)
    _require_sound(tenants, policy, set_aside)
    reasons = {one.tenant: f"{one.reason} (says {one.by})" for one in set_aside}
    planned: list[Planned] = []
    left_out: list[LeftOut] = []
    refused: list[tuple[str, str]] = []
    for tenant in tenants:
        if not selected(tenant):
            left_out.append(LeftOut(tenant=tenant.id, kind="not selected", why="the rollout is not for it"))
        elif tenant.id in reasons:
            left_out.append(LeftOut(tenant=tenant.id, kind="set aside", why=reasons[tenant.id]))
        elif tenant.version is None:
            refused.append((tenant.id, "its version is unknown"))
        elif tenant.condition == "unknown" or (tenant.condition != "healthy" and policy.broken == "refuse"):
            refused.append((tenant.id, f"it is {_worded(tenant)}"))
        elif tenant.condition != "healthy":
            left_out.append(LeftOut(tenant=tenant.id, kind="set aside", why=f"it is {_worded(tenant)}"))
        elif tenant.version == to:
            left_out.append(LeftOut(tenant=tenant.id, kind="current", why=f"it runs {to} already"))
        else:
            planned.append(Planned(tenant=tenant.id, tier=tenant.tier, region=tenant.region, former=tenant.version))
    if refused:
        raise FleetNotReady(refused)
    return Plan(to=to, waves=_waves(planned, to, policy), left_out=tuple(left_out))


def _worded(tenant: FleetTenant) -> str:
    return "in an unknown state" if tenant.condition == "unknown" else f"{tenant.condition} before the rollout"


def _require_sound(tenants: Sequence[FleetTenant], policy: Policy, set_aside: Sequence[SetAside]) -> None:
    counted = Counter(tenant.id for tenant in tenants)
    if twice := [tenant for tenant, count in counted.items() if count > 1]:
        raise UserError(f"{', '.join(twice)} is in the fleet twice", remedy="name each tenant once")
    for what, names in (("canaries", policy.canaries), ("set aside", [one.tenant for one in set_aside])):
        if unknown := sorted({*names} - {*counted}):
            raise UserError(f"{', '.join(unknown)} is no tenant of the fleet", remedy="correct the name", where=what)
    if any(before >= after for before, after in pairwise(policy.shares)):
        raise UserError(
            f"the shares {list(policy.shares)} do not rise", remedy="write them as [5, 25]: up to where each wave goes"
        )


def _waves(planned: Sequence[Planned], to: str, policy: Policy) -> tuple[Wave, ...]:
    canaries = [one for one in planned if one.tenant in policy.canaries]
    others = _spread([one for one in planned if one.tenant not in policy.canaries], to)
    parts = [(CANARIES, canaries, 0)]
    begin = 0
    for name, share in [*((f"{share} %", share) for share in policy.shares), (ALL, 100)]:
        end = -(-len(others) * share // 100)
        parts.append((name, others[begin:end], policy.tolerated))
        begin = end
    full = [part for part in parts if part[1]]
    return tuple(
        Wave(
            name=name,
            tenants=tuple(tenants),
            tolerated=tolerated,
            approval=policy.approval == "each" or (policy.approval == "after the first" and number > 0),
        )
        for number, (name, tenants, tolerated) in enumerate(full)
    )


def _spread(planned: Sequence[Planned], to: str) -> list[Planned]:
    """Ordered so that every beginning of the list has its share of each tier in each Region.

    In a group the order differs from version to version, so that not always the same tenants come first.
    """
    groups: dict[tuple[str, str], list[Planned]] = {}
    for one in planned:
        groups.setdefault((one.tier, one.region), []).append(one)
    placed: list[tuple[float, str, str, Planned]] = []
    for (tier, region), group in groups.items():
        drawn = sorted(group, key=lambda one: hashlib.sha256(f"{to} {one.tenant}".encode()).digest())
        placed += [((index + 0.5) / len(drawn), tier, region, one) for index, one in enumerate(drawn)]
    return [one for *_, one in sorted(placed, key=lambda place: place[:3])]
