"""A plan for N more tenants of a tier: how many accounts and cells, what AWS must raise, and what it costs a month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.errors import UserError
from infra.quotas.basis import Basis
from infra.quotas.counting import Counts, Place
from infra.quotas.limits import Limits
from infra.quotas.space import Space


@dataclass(frozen=True, kw_only=True)
class Raise:
    """A quota that AWS must raise.

    Args:
        place: The quota, and which instance type.
        name: As Service Quotas calls it.
        limit: Its value now.
        wanted: The value that it must have.
        request: The request as a command, or what to do where there is none.
    """

    place: Place
    name: str
    limit: int
    wanted: int
    request: str


@dataclass(frozen=True, kw_only=True)
class AccountPlan:
    """What some accounts hold, each of them the same.

    Args:
        accounts: How many they are.
        new: Whether they must be opened, each with a platform.
        tenants: How many tenants each takes.
        cells: How many cells are opened in each, besides those of its platform.
        raises: What AWS must raise in each.
    """

    accounts: int
    new: bool
    tenants: int
    cells: int
    raises: tuple[Raise, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan for more tenants.

    Args:
        tier: Their tier.
        tenants: How many.
        fit_now: How many of them fit as things are; None for any number.
        accounts: What each account holds, this account first.
        accounts_without_raises: How many accounts it would take if AWS raised nothing; None where no number does.
        usd_month: The fixed charges of all that is new, in US dollars a month.
        not_known: The quotas whose limit or use is not known, so that the plan does not count with them.
    """

    tier: str
    tenants: int
    fit_now: int | None
    accounts: tuple[AccountPlan, ...]
    accounts_without_raises: int | None
    usd_month: float
    not_known: tuple[str, ...]


def plan(basis: Basis, tenants: int, tier: str, *, per_account: int | None = None) -> Plan:
    """Plan for more tenants of a tier.

    Cells are opened before a quota of cells is raised, quotas are raised before accounts are opened.

    Args:
        basis: The account, its cells, and what tenants take.
        tenants: How many more, at least 1.
        tier: Their tier.
        per_account: How many of them any account takes at most: of most quotas AWS publishes no highest value, and what
            an account loses, all its tenants lose. None for as many as fit.

    Raises:
        UserError: The numbers make no plan, or not one tenant fits in an account of its own.
    """
    if tenants < 1:
        raise UserError(f"{tenants} tenants are nothing to plan for", "give a number of 1 or more", where="--tenants")
    if per_account is not None and per_account < 1:
        raise UserError(f"{per_account} tenants an account hold nobody", "give 1 or more", where="--per-account")
    if tier not in basis.tiers:
        known = ", ".join(sorted(basis.tiers))
        raise UserError(f"there is no tier {tier!r}", f"give one of: {known}", where="--tier")
    here, there = basis.space(tier, open_cells=True, raised=True), basis.space_elsewhere(tier, raised=True)
    parts = _spread(tenants, here, there, per_account)
    if parts is None:
        raise UserError(
            f"not one tenant of tier {tier} fits, even in an account of its own ({there.tightest()} is the limit)",
            "have AWS raise it beyond what it publishes, or make the tenant smaller",
        )
    unraised = _spread(
        tenants, basis.space(tier, open_cells=True), basis.space_elsewhere(tier, raised=False), per_account
    )
    accounts = tuple(_account(basis, here, there, *part) for part in parts)
    cells = sum(each.accounts * each.cells for each in accounts)
    platforms = sum(each.accounts for each in accounts if each.new)
    return Plan(
        tier=tier,
        tenants=tenants,
        fit_now=basis.space(tier, open_cells=False).fit(),
        accounts=accounts,
        accounts_without_raises=None if unraised is None else sum(count for count, *_ in unraised),
        usd_month=tenants * basis.tiers[tier].usd_month
        + cells * basis.platform.cell_usd_month
        + platforms * basis.platform.usd_month,
        not_known=tuple(str(place) for place in sorted(here.takes) if place not in here.left and _hidden(basis, place)),
    )


def _spread(tenants: int, here: Space, there: Space, per_account: int | None) -> list[tuple[int, bool, int]] | None:
    """Accounts, whether they are new, and tenants in each; this account first. None where no number of them do."""
    first = _at_most(here, tenants, per_account)
    parts = [(1, False, first)]
    rest = tenants - first
    if not rest:
        return parts
    each = _at_most(there, rest, per_account)
    if not each:
        return None
    parts.append((rest // each, True, each))
    if rest % each:
        parts.append((1, True, rest % each))
    return parts


def _at_most(space: Space, tenants: int, per_account: int | None) -> int:
    return min(each for each in (tenants, space.fit(), per_account) if each is not None)


def _account(basis: Basis, here: Space, there: Space, accounts: int, new: bool, tenants: int) -> AccountPlan:
    space = there if new else here
    limits = basis.limits.of_a_new_account() if new else basis.limits
    used = basis.platform.takes if new else basis.present.counts
    return AccountPlan(
        accounts=accounts,
        new=new,
        tenants=tenants,
        cells=space.cells_for(tenants),
        raises=tuple(_raises(space.needed(tenants), used, limits)),
    )


def _raises(needed: Counts, used: Counts, limits: Limits) -> Iterator[Raise]:
    for place, count in sorted(needed.items()):
        limit, wanted = limits.of(place), used.get(place, 0) + count
        if limit.value is not None and wanted > limit.value:
            yield Raise(place=place, name=limit.name, limit=limit.value, wanted=wanted, request=limit.raised_to(wanted))


def _hidden(basis: Basis, place: Place) -> bool:
    return basis.limits.of(place).value is None or place.quota in basis.present.unread
