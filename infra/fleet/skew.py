"""The gate on version skew: how far each tenant is behind the newest release, and whether that is still allowed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from infra.errors import UserError
from infra.fleet.model import FleetModel, FleetTenant, Version
from infra.spec.fleet import SkewWindow as Window

#: ``unknown``: its version cannot be told or is no release. It fails the gate like one that is too old.
Age = Literal["current", "behind", "too old", "unknown"]


class Release(FleetModel):
    """A version of the blueprint.

    Args:
        version: Its name.
        released: The day on which tenants could have it.
    """

    version: Version
    released: date


@dataclass(frozen=True, kw_only=True)
class TenantAge:
    """How far a tenant is behind.

    Args:
        tenant: Its id.
        version: What it runs; None: unknown.
        age: The verdict.
        releases_behind: How many releases are newer; None: unknown.
        days_behind: For how many days a newer one has been there; None: unknown.
    """

    tenant: str
    version: str | None
    age: Age
    releases_behind: int | None = None
    days_behind: int | None = None

    @property
    def allowed(self) -> bool:
        """Whether the gate lets it pass."""
        return self.age in ("current", "behind")


@dataclass(frozen=True, kw_only=True)
class Skew:
    """The gate's answer: every tenant of the fleet, by id."""

    tenants: tuple[TenantAge, ...]

    @property
    def passed(self) -> bool:
        """Whether the gate lets the fleet pass."""
        return all(one.allowed for one in self.tenants)


def skew(fleet: Iterable[FleetTenant], releases: Sequence[Release], window: Window, today: date) -> Skew:
    """Judge every tenant's version.

    Args:
        fleet: The tenants.
        releases: Every release that a tenant may run, the oldest first.
        window: What is allowed.
        today: The day of the judgement.

    Raises:
        UserError: There are no releases, one is there twice, or they are not in order.
    """
    _require_ordered(releases)
    numbers = {release.version: number for number, release in enumerate(releases)}
    return Skew(
        tenants=tuple(
            _judged(tenant, numbers.get(tenant.version or ""), releases, window, today)
            for tenant in sorted(fleet, key=lambda one: one.id)
        )
    )


def _judged(
    tenant: FleetTenant, number: int | None, releases: Sequence[Release], window: Window, today: date
) -> TenantAge:
    if number is None:
        return TenantAge(tenant=tenant.id, version=tenant.version, age="unknown")
    behind = len(releases) - 1 - number
    days = max(0, (today - releases[number + 1].released).days) if behind else 0
    too_old = days > window.days or behind > window.releases
    age: Age = "current" if behind == 0 else "too old" if too_old else "behind"
    return TenantAge(tenant=tenant.id, version=tenant.version, age=age, releases_behind=behind, days_behind=days)


def _require_ordered(releases: Sequence[Release]) -> None:
    if not releases:
        raise UserError("no release is known", remedy="give the releases of the blueprint, the oldest first")
    if len({release.version for release in releases}) < len(releases):
        raise UserError("a release is there twice", remedy="name each version once")
    if any(one.released > after.released for one, after in pairwise(releases)):
        raise UserError("the releases are not in order", remedy="give the oldest first")
