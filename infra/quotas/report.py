"""Capacity to be shown: each quota with its use, how many more tenants fit, and a plan for more of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.quotas.basis import Basis
from infra.quotas.counting import Place
from infra.quotas.limits import Origin
from infra.quotas.plan import Plan
from infra.quotas.plan import plan as planned
from infra.quotas.table import quotas, table


@dataclass(frozen=True, kw_only=True)
class Row:
    """A quota in one place.

    Args:
        quota: Its key.
        at: The VPC, the group with the direction or the instance type; empty for the account or Region.
        name: As Service Quotas calls it.
        limit: Its value; None where it is not known.
        origin: Who says so.
        used: How much is used; None where it is not known.
        left: How many are left; None where that is not known.
        by_tier: How much a tenant of each tier takes.
        source: The page of AWS's documentation, by title.
    """

    quota: str
    at: str
    name: str
    limit: int | None
    origin: Origin
    used: int | None
    left: int | None
    by_tier: Mapping[str, int]
    source: str


@dataclass(frozen=True, kw_only=True)
class TierRow:
    """How many more tenants of a tier fit.

    Args:
        tier: The tier.
        counted: Whose stack tells what a tenant of it takes.
        usd_month: Its fixed charges, in US dollars a month.
        fit: How many fit in the account, the cells that are there and those that the service opens by itself; None
            where no known quota bounds them.
        fit_with_cells: How many fit if any number of cells is opened; likewise.
        tightest: The quota that the first one too many breaks.
    """

    tier: str
    counted: str
    usd_month: float
    fit: int | None
    fit_with_cells: int | None
    tightest: str


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of the platform.

    Args:
        deployed: How many there are.
        spare: How many more the platform's spec lists.
        to_open: How many of these fit in the account's quotas.
        automatically: Whether the service opens them when it needs them.
    """

    deployed: int
    spare: int
    to_open: int
    automatically: bool


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """The capacity of an account.

    Args:
        account: Its number.
        region: The Region.
        date: That of the table of quotas.
        quotas: Each quota that tenants use, the tightest first.
        tiers: How many more tenants fit.
        cells: The cells, and how many may still be opened.
        not_read: Why a limit or the use of a quota is not known, by its key.
        plan: The plan that was asked for.
    """

    account: str
    region: str
    date: dt.date
    quotas: tuple[Row, ...]
    tiers: tuple[TierRow, ...]
    cells: Cells
    not_read: Mapping[str, str]
    plan: Plan | None = None


def capacity(
    basis: Basis, *, tenants: int | None = None, tier: str = "pool", per_account: int | None = None
) -> Capacity:
    """The capacity of an account.

    Args:
        basis: The account, its cells, and what tenants take.
        tenants: How many more tenants to plan for; None for no plan.
        tier: Their tier.
        per_account: How many of them any account takes at most; None for as many as fit.

    Raises:
        UserError: As `infra.quotas.plan.plan`.
    """
    return Capacity(
        account=basis.spec.account,
        region=basis.spec.region,
        date=table().date,
        quotas=tuple(sorted(_rows(basis), key=_tightness)),
        tiers=tuple(_tier(basis, each) for each in sorted(basis.tiers)),
        cells=Cells(
            deployed=len(basis.platform.cells),
            spare=len(basis.spec.spare_cells),
            to_open=basis.cells_to_open(),
            automatically=basis.spec.open_cells == "automatically",
        ),
        not_read={**basis.limits.unread, **basis.present.unread},
        plan=None if tenants is None else planned(basis, tenants, tier, per_account=per_account),
    )


def _rows(basis: Basis) -> Iterator[Row]:
    everywhere = {place for profile in basis.tiers.values() for place in profile.takes}
    for place in everywhere:
        yield _row(basis, place, {tier: each.takes.get(place, 0) for tier, each in basis.tiers.items()})
    for cell in basis.platform.cells:
        for of in {of for profile in basis.tiers.values() for of in profile.in_cell}:
            yield _row(basis, cell.place(of), {tier: each.in_cell.get(of, 0) for tier, each in basis.tiers.items()})


def _row(basis: Basis, place: Place, by_tier: Mapping[str, int]) -> Row:
    limit = basis.limits.of(place)
    used = None if place.quota in basis.present.unread else basis.present.counts.get(place, 0)
    return Row(
        quota=place.quota,
        at=place.at,
        name=limit.name,
        limit=limit.value,
        origin=limit.origin,
        used=used,
        left=None if limit.value is None or used is None else max(0, limit.value - used),
        by_tier=by_tier,
        source=quotas()[place.quota].source,
    )


def _tightness(row: Row) -> tuple[float, str, str]:
    """What is used up first comes first, and what is not known before all."""
    if row.limit is None or row.used is None:
        return -1.0, row.quota, row.at
    takes = max(row.by_tier.values(), default=0) or 1
    return (row.limit - row.used) / takes, row.quota, row.at


def _tier(basis: Basis, tier: str) -> TierRow:
    profile, now = basis.tiers[tier], basis.space(tier, open_cells=False)
    return TierRow(
        tier=tier,
        counted=profile.source,
        usd_month=profile.usd_month,
        fit=now.fit(),
        fit_with_cells=basis.space(tier, open_cells=True).fit(),
        tightest=now.tightest(),
    )
