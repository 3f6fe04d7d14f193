"""TenantKey: the one KMS key of a tenant, under which everything of the tenant is encrypted."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import kms

from components.base import token
from components.security.roles import TenantRoles
from infra import naming
from infra.policies.key import tenant_key
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: Days between the scheduling of a key's deletion and its end, in which it can be cancelled: the longest that KMS has.
DELETION_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class TenantKeyArgs:
    """What a tenant's key is made of.

    Args:
        platform: The platform's spec; its provisioning role must exist.
        tenant: The tenant's spec.
        roles: The tenant's roles, which the key's policy names.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    roles: TenantRoles


class TenantKey(pulumi.ComponentResource):
    """A customer-managed key with yearly rotation, and its alias.

    Only the provisioning role (and the root user) can make it on AWS: KMS refuses a policy that locks out its caller.

    Sources: KMS Developer Guide, "Rotate AWS KMS keys", "Delete an AWS KMS key".
    """

    key_arn: Output[str]
    alias: Output[str]

    def __init__(self, name: str, args: TenantKeyArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantKey"), name, {}, opts)
        platform, tenant = args.platform, args.tenant
        key = kms.Key(
            name,
            description=f"Everything of {tenant.display_name} ({tenant.id}).",
            policy=tenant_key(platform, tenant).render(),
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_DAYS,
            tags={"Name": naming.key(platform, tenant)},
            opts=ResourceOptions(parent=self, protect=tenant.lifecycle.prevent_deletion, depends_on=[args.roles]),
        )
        alias = kms.Alias(
            name,
            name=naming.key_alias(platform, tenant),
            target_key_id=key.key_id,
            opts=ResourceOptions(parent=self, protect=tenant.lifecycle.prevent_deletion),
        )
        self.key_arn = key.arn
        self.alias = alias.name
        self.register_outputs({"key_arn": self.key_arn, "alias": self.alias})
