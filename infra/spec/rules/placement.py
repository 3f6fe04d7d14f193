"""Where a tenant's subnets lie: a tenant of tier pool names a cell that exists, a tenant of tier silo none."""

from __future__ import annotations

from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.translate import nearest


def placement(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants without a place, or with two."""
    cells = [cell.name for cell in draft.platform.spec.cells]
    spare = [cell.name for cell in draft.platform.spec.spare_cells]
    for tenant in draft.tenants:
        cell = tenant.spec.network.cell
        if tenant.spec.tier == "silo":
            if cell is not None:
                yield tenant.problem(
                    "network",
                    "cell",
                    message="a tenant of tier silo has a VPC of its own and is in no cell",
                    remedy="remove the key, or write tier: pool",
                )
        elif cell is None:
            yield tenant.problem(
                "network",
                message="a tenant of tier pool needs a cell",
                remedy=f"add cell: {cells[0]} (the platform's cells: {', '.join(cells)}), or write tier: silo",
            )
        elif cell in spare and cell not in cells:
            yield tenant.problem(
                "network",
                "cell",
                message="the cell is a spare one, and not open yet",
                remedy=f"write {cells[0]} (the open cells: {', '.join(cells)}); or move it from spare_cells to cells "
                "and bring the platform up, which the service does by itself where open_cells is automatically",
            )
        elif cell not in cells:
            yield tenant.problem(
                "network",
                "cell",
                message="the platform has no such cell",
                remedy=f"write {nearest(cell, cells) or cells[0]} (the platform's cells: {', '.join(cells)})",
            )
