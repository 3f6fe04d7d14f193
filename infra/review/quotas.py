"""How much of the quotas the specs use, before and after: of each cell, of the Region, of each tenant."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from infra.review.model import QuotaUse
from infra.spec import Estate, TenantSpec
from infra.spec.rules.cell_capacity import capacity


def quota_use(before: Estate | None, after: Estate, tenants: Collection[str]) -> tuple[QuotaUse, ...]:
    """The use of quotas, the tightest first.

    Args:
        before: The specs as they were; None where they cannot be read any more.
        after: The specs as they are.
        tenants: The tenants whose own quotas are told.
    """
    was = {} if before is None else {(scope, quota): used for scope, quota, used, _ in _use(before, before.tenants)}
    found = [
        QuotaUse(
            scope=scope,
            quota=quota,
            before=None if before is None else was.get((scope, quota), 0),
            after=used,
            limit=limit,
        )
        for scope, quota, used, limit in _use(after, tenants)
    ]
    return tuple(sorted(found, key=lambda one: (-one.share, one.scope, one.quota)))


def _use(estate: Estate, tenants: Collection[str]) -> Iterator[tuple[str, str, int, int]]:
    platform = estate.platform
    for cell in platform.cells:
        held = sum(1 for tenant in estate.tenants.values() if tenant.network.cell == cell.name)
        quota, fit = min(capacity(platform).items(), key=lambda limit: limit[1])
        yield f"cell {cell.name}", f"tenants (by {quota})", held, fit
    quotas = platform.quotas
    yield "Region", "gateway_endpoints_per_region", len(estate.tenants), quotas.gateway_endpoints_per_region
    silos = sum(1 for tenant in estate.tenants.values() if tenant.tier == "silo")
    yield "Region", "vpcs_per_region", len(platform.cells) + silos, quotas.vpcs_per_region
    for name in sorted(tenants):
        if name in estate.tenants:
            yield from _of_tenant(estate.tenants[name])


def _of_tenant(tenant: TenantSpec) -> Iterator[tuple[str, str, int, int]]:
    instances = sum(model.instances.max for model in tenant.served_models)
    yield tenant.id, "max_models", len(tenant.models), tenant.quotas.max_models
    yield tenant.id, "max_endpoint_instances", instances, tenant.quotas.max_endpoint_instances
