"""How many tenants a cell holds: AWS's quotas of a VPC, less what the platform's own part takes.

Source: Amazon VPC User Guide, "Amazon VPC quotas" (interface endpoints and subnets a VPC, rules a security group).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import endpoint_services
from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.platform import PlatformSpec


def capacity(platform: PlatformSpec) -> dict[str, int]:
    """How many tenants of tier pool a cell holds by each quota, by the quota's key in ``quotas``.

    A tenant takes its dedicated interface endpoints, a subnet a zone, and a rule of the shared endpoints' group.
    """
    quotas, zones = platform.quotas, len(platform.availability_zones)
    endpoints = quotas.interface_endpoints_per_vpc - len(endpoint_services.SHARED)
    return {
        "interface_endpoints_per_vpc": max(0, endpoints // len(endpoint_services.DEDICATED_POOL)),
        "subnets_per_vpc": max(0, quotas.subnets_per_vpc // zones - 1),
        "rules_per_security_group": quotas.rules_per_security_group,
    }


def needed(platform: PlatformSpec, tenants: int) -> dict[str, int]:
    """The value that each quota must have for a cell to hold `tenants` tenants."""
    return {
        "interface_endpoints_per_vpc": len(endpoint_services.SHARED) + tenants * len(endpoint_services.DEDICATED_POOL),
        "subnets_per_vpc": (tenants + 1) * len(platform.availability_zones),
        "rules_per_security_group": tenants,
    }


def full_cells(draft: Draft) -> Iterator[SpecProblem]:
    """Cells that hold more tenants than AWS's quotas let them."""
    platform = draft.platform.spec
    limits = capacity(platform)
    quota, fit = min(limits.items(), key=lambda limit: limit[1])
    for index, cell in enumerate(platform.cells):
        tenants = draft.in_cell(cell)
        surplus = len(tenants) - fit
        if surplus <= 0:
            continue
        raised = ", ".join(
            f"{key}: {value}" for key, value in needed(platform, len(tenants)).items() if limits[key] < len(tenants)
        )
        yield draft.platform.problem(
            "cells",
            index,
            "name",
            message=f"the cell is full: it holds {len(tenants)} tenants, and {fit} fit ({quota} is the limit)",
            remedy=f"move {surplus} of them to {_elsewhere(draft, fit)}; or have AWS raise the quota and write "
            f"quotas: {{{raised}}}",
        )


def _elsewhere(draft: Draft, fit: int) -> str:
    free = {cell.name: fit - len(draft.in_cell(cell)) for cell in draft.platform.spec.cells}
    room = ", ".join(f"{name} (room for {count})" for name, count in free.items() if count > 0)
    return f"another cell: {room}" if room else "a new cell under cells"
