"""Who acts for a tenant: the roles that exist, by which the key's and the buckets' policies name them.

A principal that a policy of a resource names must exist, so every policy takes its roles from here.
"""

from __future__ import annotations

from typing import get_args

from infra import naming
from infra.naming import TenantRoleKind
from infra.policies.document import Principal
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The roles that SageMaker assumes: what a tenant's jobs and endpoints do, they do as one of these.
EXECUTION_ROLES: tuple[TenantRoleKind, ...] = ("training", "serving")


def role_kinds(platform: PlatformSpec) -> tuple[TenantRoleKind, ...]:
    """The roles of every tenant of the platform.

    Data scientists have one where the platform has a SAML provider, smoke tests where it names who runs them.
    """
    absent: set[TenantRoleKind] = set()
    if platform.federation.saml_metadata is None:
        absent.add("data-scientist")
    if platform.verification is None:
        absent.add("verification")
    return tuple(kind for kind in get_args(TenantRoleKind) if kind not in absent)


def role_arns(platform: PlatformSpec, tenant: TenantSpec, *kinds: TenantRoleKind) -> tuple[str, ...]:
    """The ARNs of those of the tenant's roles that exist, of `kinds` or of all."""
    return tuple(naming.role_arn(platform, tenant, kind) for kind in role_kinds(platform) if not kinds or kind in kinds)


def roles(platform: PlatformSpec, tenant: TenantSpec, *kinds: TenantRoleKind) -> Principal:
    """Those of the tenant's roles that exist, of `kinds` or of all, as a principal."""
    return Principal(aws=role_arns(platform, tenant, *kinds))
