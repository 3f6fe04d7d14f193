"""A tenant's range lies in its cell's, and outside of the platform's own part, the cell's last /24."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from infra import subnets
from infra.spec.addresses import next_free
from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.platform import Cell

#: The smallest cell that has room for tenants beside the platform's /24.
LONGEST_CELL_PREFIX = 23


def cell_sizes(draft: Draft) -> Iterator[SpecProblem]:
    """Cells that have no room for tenants."""
    for index, cell in enumerate(draft.platform.spec.cells):
        if cell.cidr.prefixlen > LONGEST_CELL_PREFIX:
            larger = cell.cidr.supernet(new_prefix=LONGEST_CELL_PREFIX)
            yield draft.platform.problem(
                "cells",
                index,
                "cidr",
                message="a cell holds a /24 of the platform and has no room for tenants",
                remedy=f"write {larger} or a larger range",
            )


def inside_cells(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants whose range is not the tenants' part of their cell."""
    for cell in draft.platform.spec.cells:
        if cell.cidr.prefixlen > LONGEST_CELL_PREFIX:
            continue
        for tenant in draft.in_cell(cell):
            cidr = tenant.spec.network.cidr
            if not cidr.subnet_of(cell.cidr):
                message = f"the range is not in {cell.cidr}, the range of the cell {cell.name}"
            elif cidr.overlaps(subnets.platform_range(cell.cidr)):
                message = f"the range takes from {subnets.platform_range(cell.cidr)}, the platform's part of its cell"
            else:
                continue
            yield tenant.problem("network", "cidr", message=message, remedy=free_range(draft, cell, cidr.prefixlen))


def free_range(draft: Draft, cell: Cell, prefix: int) -> str:
    """The remedy that names the first free range of size /`prefix` in `cell`."""
    taken: list[IPv4Network] = [tenant.spec.network.cidr for tenant in draft.in_cell(cell)]
    free = next_free(cell.cidr, prefix, [*taken, subnets.platform_range(cell.cidr)])
    if free is None:
        return f"the cell has no free /{prefix}: choose a smaller range, another cell, or add a cell"
    return f"write {free}, which is free"
