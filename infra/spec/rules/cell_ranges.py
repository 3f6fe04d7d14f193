"""A tenant's range lies in its cell's, and outside of the platform's own part, the cell's last /24."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from infra import subnets
from infra.spec.addresses import next_free
from infra.spec.draft import Draft, Loaded
from infra.spec.errors import SpecProblem
from infra.spec.platform import Cell
from infra.spec.tenant import TenantSpec

#: The smallest cell that has room for tenants beside the platform's /24.
LONGEST_CELL_PREFIX = 23


def cell_sizes(draft: Draft) -> Iterator[SpecProblem]:
    """Cells that have no room for tenants."""
    for key, index, cell in draft.every_cell():
        if cell.cidr.prefixlen > LONGEST_CELL_PREFIX:
            larger = cell.cidr.supernet(new_prefix=LONGEST_CELL_PREFIX)
            yield draft.platform.problem(
                key,
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
            remedy = free_range(draft, cell, tenant, cidr.prefixlen)
            yield tenant.problem("network", "cidr", message=message, remedy=remedy)


def free_range(
    draft: Draft, cell: Cell, moving: Loaded[TenantSpec], prefix: int, *, smallest: int = subnets.SMALLEST_PREFIX
) -> str:
    """The remedy that names the first range of `cell` that is free once `moving` has left its own.

    Args:
        draft: The draft of the estate.
        cell: A cell that has room for tenants.
        moving: The tenant that needs another range.
        prefix: The size that it should have.
        smallest: The size that still suffices, where none of size /`prefix` is free.
    """
    taken: list[IPv4Network] = [other.spec.network.cidr for other in draft.in_cell(cell) if other is not moving]
    taken.append(subnets.platform_range(cell.cidr))
    for size in range(prefix, smallest + 1):
        free = next_free(cell.cidr, size, taken)
        if free is not None:
            return f"write {free}, which is free" + ("" if size == prefix else f" (no /{prefix} is)")
    return f"the cell has no free /{smallest}: choose another cell, or add one"
