"""No two ranges overlap: those of a cell's tenants, and those of the VPCs (of cells and of tenants of tier silo)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import TypeVar

from infra.spec.addresses import next_private
from infra.spec.draft import Draft, Loaded
from infra.spec.errors import SpecProblem
from infra.spec.rules.cell_ranges import LONGEST_CELL_PREFIX, free_range
from infra.spec.tenant import TenantSpec

_T = TypeVar("_T")


def tenants_overlap(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants of one cell that share addresses."""
    for cell in draft.platform.spec.cells:
        if cell.cidr.prefixlen > LONGEST_CELL_PREFIX:
            continue
        ranges = [(tenant.spec.network.cidr, tenant) for tenant in draft.in_cell(cell)]
        for one, other in _overlapping(ranges):
            remedy = free_range(draft, cell, one, one.spec.network.cidr.prefixlen)
            yield _overlap(one, other.spec.id, other.spec.network.cidr, remedy)


def cells_overlap(draft: Draft) -> Iterator[SpecProblem]:
    """Cells that share addresses, open or spare."""
    cells = list(draft.every_cell())
    for position, other_position in _overlapping([(cell.cidr, at) for at, (_, _, cell) in enumerate(cells)]):
        (key, index, cell), (_, _, other) = cells[position], cells[other_position]
        yield draft.platform.problem(
            key,
            index,
            "cidr",
            message=f"the range overlaps with {other.cidr}, the range of the cell {other.name}",
            remedy=_free_vpc(draft, cell.cidr),
        )


def silos_overlap(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants of tier silo whose VPC shares addresses with a cell or another tenant's VPC."""
    silos = draft.silos()
    for tenant in silos:
        cidr = tenant.spec.network.cidr
        cell = next((cell for _, _, cell in draft.every_cell() if cell.cidr.overlaps(cidr)), None)
        if cell is not None:
            yield _overlap(tenant, f"the cell {cell.name}", cell.cidr, _free_vpc(draft, cidr))
    for one, other in _overlapping([(tenant.spec.network.cidr, tenant) for tenant in silos]):
        cidr = one.spec.network.cidr
        yield _overlap(one, other.spec.id, other.spec.network.cidr, _free_vpc(draft, cidr))


def _overlap(tenant: Loaded[TenantSpec], other: str, cidr: IPv4Network, remedy: str) -> SpecProblem:
    return tenant.problem("network", "cidr", message=f"the range overlaps with {cidr} of {other}", remedy=remedy)


def _overlapping(ranges: Sequence[tuple[IPv4Network, _T]]) -> Iterator[tuple[_T, _T]]:
    """Each holder of a range with one that has addresses of it, once a pair that meets in the order of addresses."""
    containers: list[tuple[IPv4Network, _T]] = []
    for cidr, holder in sorted(ranges, key=lambda item: (int(item[0].network_address), item[0].prefixlen)):
        while containers and not cidr.subnet_of(containers[-1][0]):
            containers.pop()
        if containers:
            yield holder, containers[-1][1]
        containers.append((cidr, holder))


def _free_vpc(draft: Draft, near: IPv4Network) -> str:
    taken = [cell.cidr for _, _, cell in draft.every_cell()]
    taken += [tenant.spec.network.cidr for tenant in draft.silos()]
    free = next_private(near, near.prefixlen, taken)
    return f"write {free}, which is free" if free else "choose a smaller range"
