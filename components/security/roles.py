"""TenantRoles: everybody who acts for a tenant, within the tenant's permission boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from infra import naming
from infra.naming import TenantRoleKind
from infra.policies import boundary, roles, trust
from infra.policies.principals import role_kinds
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The longest session, in seconds; the shortest that AWS lets a role have as its maximum.
SESSION_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class TenantRolesArgs:
    """What a tenant's roles are made of.

    Args:
        platform: The platform's spec; its gateway role, identity providers and workers' role must exist.
        tenant: The tenant's spec; ``identity`` says who signs in, ``lifecycle.state`` whether anybody may act.
    """

    platform: PlatformSpec
    tenant: TenantSpec


class TenantRoles(pulumi.ComponentResource):
    """The permission boundary of a tenant, and a role with one inline policy for each way to act for it.

    - ``training``: SageMaker runs the tenant's jobs as this role.
    - ``serving``: SageMaker runs the tenant's endpoints as this role.
    - ``invoke``: the platform's gateway calls the tenant's endpoints, in sessions tagged with the tenant.
    - ``data-scientist``: people of one group of the SAML identity provider; absent where the platform has none.
    - ``deploy``: the CI of one environment of one GitHub repository.
    - ``verification``: the provisioning service's workers try the tenant; absent where the platform names none.

    Roles come before the key and the buckets, whose policies name them: AWS refuses a principal that does not exist.
    """

    boundary_arn: Output[str]
    arns: Mapping[TenantRoleKind, Output[str]]
    """The ARN of each role, known when its policy is in place."""

    def __init__(self, name: str, args: TenantRolesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantRoles"), name, {}, opts)
        platform, tenant = args.platform, args.tenant
        limit = iam.Policy(
            f"{name}-boundary",
            name=naming.boundary(platform, tenant),
            path=naming.path(platform, tenant),
            description=f"The most that any role of {tenant.id} can do.",
            policy=boundary.tenant_boundary(platform, tenant).render(),
            opts=ResourceOptions(parent=self),
        )
        self.boundary_arn = limit.arn
        self.arns = {kind: self._role(name, args, kind) for kind in role_kinds(platform)}
        self.register_outputs({"boundary_arn": self.boundary_arn, "arns": self.arns})

    def _role(self, name: str, args: TenantRolesArgs, kind: TenantRoleKind) -> Output[str]:
        platform, tenant = args.platform, args.tenant
        role = iam.Role(
            f"{name}-{kind}",
            name=naming.role(platform, tenant, kind),
            path=naming.path(platform, tenant),
            assume_role_policy=trust.trust(platform, tenant, kind).render(),
            permissions_boundary=self.boundary_arn,
            max_session_duration=SESSION_SECONDS,
            opts=ResourceOptions(parent=self),
        )
        policy = iam.RolePolicy(
            f"{name}-{kind}",
            name="access",
            role=role.name,
            policy=roles.identity(platform, tenant, kind).render(),
            opts=ResourceOptions(parent=self),
        )
        return Output.all(role.arn, policy.id).apply(lambda made: str(made[0]))
