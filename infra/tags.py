"""The tags of every resource, as the provider's default tags: owner, cost centre, and what the proof reads as owner."""

from __future__ import annotations

from infra.naming import PLATFORM
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The tag that says whose a resource is; policies compare it with the principal's tag of the same name.
TENANT_TAG = "tenant"
#: The tags that say that a resource is this blueprint's, and of which stage; the provisioning role is bound to them.
STAGE_TAG = "stage"
MANAGED_TAG = "managed-by"
MANAGED_BY = "bulkhead"


def tenant_tags(platform: PlatformSpec, tenant: TenantSpec) -> dict[str, str]:
    """The tags of every resource of a tenant; the tenant's own tags cannot replace ours."""
    return {
        **tenant.tags,
        TENANT_TAG: tenant.id,
        STAGE_TAG: platform.stage,
        "tier": tenant.tier,
        "owner": tenant.owner,
        "cost-center": tenant.cost_center,
        MANAGED_TAG: MANAGED_BY,
    }


def platform_tags(platform: PlatformSpec) -> dict[str, str]:
    """The tags of every resource of the platform."""
    return {
        **platform.tags,
        TENANT_TAG: PLATFORM,
        STAGE_TAG: platform.stage,
        "cost-center": platform.cost_center,
        MANAGED_TAG: MANAGED_BY,
    }
