"""Which cell and which range a tenant gets: the same specs always give the same place.

Tier pool: the first cell, in the order of the platform's spec, that is open, holds fewer tenants than AWS's quotas let
it, and has a free range of the size; in it the lowest such range. Where no open cell has room and cells are opened
automatically, likewise the first of the cells that are not deployed yet, and of the spare ones.
Tier silo: the lowest free private range, in the private block that the first cell is of, else in another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from infra import subnets
from infra.errors import UserError
from infra.spec import PlatformSpec
from infra.spec.addresses import next_free, next_private
from infra.spec.common import Tier
from infra.spec.platform import Cell
from infra.spec.rules.cell_capacity import capacity
from infra.spec.rules.cell_ranges import LONGEST_CELL_PREFIX

#: The size of the range that a tenant gets where its models need no larger one.
PREFIXES: dict[Tier, int] = {"pool": 24, "silo": 22}


class NoRoom(UserError):
    """No cell has room for the tenant, and none may be opened for it."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place that a tenant has.

    Args:
        cidr: Its range.
        cell: The cell that the range is of; None: a VPC of its own.
    """

    cidr: IPv4Network
    cell: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a tenant asks of its place.

    Args:
        tier: Its tier.
        prefix: The size of its range, ``/prefix``.
        cell: The only cell that will do; None for any.
        cidr: The only range that will do; None for any of the size.
    """

    tier: Tier
    prefix: int
    cell: str | None = None
    cidr: IPv4Network | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place that was chosen.

    Args:
        site: It.
        opens: The cell that must be opened for it first; None where it is in what is there.
    """

    site: Site
    opens: Cell | None = None


def choose(platform: PlatformSpec, taken: Collection[Site], wish: Wish, *, deployed: Collection[str] | None) -> Place:
    """The place of a new tenant.

    Args:
        platform: The platform's spec.
        taken: The places of all other tenants.
        wish: What it asks for.
        deployed: The cells that the platform's stack has, which are the open ones; None: those of the spec.

    Raises:
        NoRoom: There is none: says of each cell why.
    """
    if wish.tier == "silo":
        return _vpc(platform, taken, wish)
    refused: list[str] = []
    for cell, is_open in _cells(platform, deployed):
        if wish.cell not in (None, cell.name):
            continue
        if not is_open and platform.open_cells != "automatically":
            refused.append(f"{cell.name} is not open")
            continue
        found = _in_cell(platform, cell, taken, wish)
        if isinstance(found, Site):
            return Place(site=found, opens=None if is_open else cell)
        refused.append(found)
    raise NoRoom(f"no cell has room for one more tenant: {'; '.join(refused) or 'there is none'}", _remedy(platform))


def _cells(platform: PlatformSpec, deployed: Collection[str] | None) -> Iterator[tuple[Cell, bool]]:
    """The cells in the order in which they are filled, and whether each is open."""
    is_open = {cell.name: deployed is None or cell.name in deployed for cell in platform.cells}
    yield from ((cell, True) for cell in platform.cells if is_open[cell.name])
    yield from ((cell, False) for cell in platform.cells if not is_open[cell.name])
    yield from ((cell, False) for cell in platform.spare_cells)


def _in_cell(platform: PlatformSpec, cell: Cell, taken: Collection[Site], wish: Wish) -> Site | str:
    """The place in a cell, or why it has none."""
    if cell.cidr.prefixlen > LONGEST_CELL_PREFIX:
        return f"{cell.name} is too small for tenants"
    inside = [site.cidr for site in taken if site.cell == cell.name]
    quota, fit = min(capacity(platform).items(), key=lambda limit: limit[1])
    if len(inside) >= fit:
        return f"{cell.name} holds {len(inside)} of {fit} tenants ({quota} is the limit)"
    used = [*inside, subnets.platform_range(cell.cidr)]
    if wish.cidr is not None:
        free = wish.cidr.subnet_of(cell.cidr) and not any(wish.cidr.overlaps(other) for other in used)
        return Site(cidr=wish.cidr, cell=cell.name) if free else f"{wish.cidr} is not free in {cell.name}"
    found = next_free(cell.cidr, wish.prefix, used)
    return Site(cidr=found, cell=cell.name) if found else f"{cell.name} has no free /{wish.prefix}"


def _vpc(platform: PlatformSpec, taken: Collection[Site], wish: Wish) -> Place:
    if wish.cidr is not None:
        return Place(site=Site(cidr=wish.cidr))
    used = [cell.cidr for cell in (*platform.cells, *platform.spare_cells)] + [
        site.cidr for site in taken if site.cell is None
    ]
    found = next_private(platform.cells[0].cidr, wish.prefix, used)
    if found is None:
        raise NoRoom(f"no private /{wish.prefix} is free for one more VPC", "give ranges of tenants back that are gone")
    return Place(site=Site(cidr=found))


def _remedy(platform: PlatformSpec) -> str:
    names = ", ".join(cell.name for cell in platform.cells)
    return (
        f"open another cell in the platform's spec (there are {names}) and bring the platform up: bulkhead up "
        "platform; or write open_cells: automatically, and cells under spare_cells which the service opens when it "
        "needs them; or have AWS raise the quota"
    )
