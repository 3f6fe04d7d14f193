"""A tenant's subnets have an address for each of its endpoints, and two for each of its instances.

Sources: Amazon VPC User Guide, "Subnet CIDR blocks" (a subnet is a /28 or larger; AWS keeps five addresses);
SageMaker AI Developer Guide, "Give SageMaker AI Hosted Endpoints Access to Resources in Your Amazon VPC" (an address
an instance) and "Blue/Green Deployments" (the new fleet runs beside the old one).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import endpoint_services, subnets
from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem
from infra.spec.rules.cell_ranges import LONGEST_CELL_PREFIX, free_range
from infra.spec.tenant import TenantSpec

_KEPT_BY_AWS = 5


def subnet_sizes(draft: Draft) -> Iterator[SpecProblem]:
    """Tenants whose range is too small for what they run."""
    zones = len(draft.platform.spec.availability_zones)
    for tenant in draft.tenants:
        cidr = tenant.spec.network.cidr
        addresses = addresses_of(tenant.spec, zones)
        longest = longest_prefix(tenant.spec, zones)
        if cidr.prefixlen <= longest:
            continue
        cell = draft.cell(tenant.spec)
        if cell is not None and cell.cidr.prefixlen <= LONGEST_CELL_PREFIX:
            remedy = free_range(draft, cell, tenant, longest, smallest=longest)
        else:
            remedy = f"write a /{longest} or a larger range"
        yield tenant.problem(
            "network",
            "cidr",
            message=f"over {zones} zones the subnets are too small: each needs {addresses} addresses",
            remedy=remedy,
        )


def longest_prefix(tenant: TenantSpec, zones: int) -> int:
    """The size ``/prefix`` of the smallest range that suffices for what a tenant runs over so many zones."""
    each = min(subnets.SMALLEST_PREFIX, 32 - (addresses_of(tenant, zones) - 1).bit_length())
    return each - (zones - 1).bit_length()


def addresses_of(tenant: TenantSpec, zones: int) -> int:
    """How many addresses a tenant needs in each of its `zones` subnets."""
    pool = tenant.tier == "pool"
    endpoints = len(endpoint_services.DEDICATED_POOL if pool else endpoint_services.ALL)
    instances = sum(model.instances.max for model in tenant.served_models)
    return _KEPT_BY_AWS + endpoints + -(-2 * instances // zones)
