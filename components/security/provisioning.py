"""ProvisioningIdentity: the role that provisions tenants, and the gateway's role, within the platform's boundary."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from components.security.roles import SESSION_SECONDS
from infra import naming
from infra.policies import gateway, provisioning
from infra.policies.platform_boundary import platform_boundary
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class ProvisioningIdentityArgs:
    """What the platform's own identities are made of.

    Args:
        platform: The platform's spec; the principals in ``provisioning.trusted_principals`` must exist.
    """

    platform: PlatformSpec


class ProvisioningIdentity(pulumi.ComponentResource):
    """The roles that act on tenants, so that neither can see what is in them.

    - ``provisioning``: makes, changes and removes tenants' resources. Tenants' stacks run as this role
      (``aws:assumeRoles``): their keys and buckets know no other administrator.
    - ``gateway``: calls tenants' endpoints, each by the tenant's own invoke role.

    Both have the platform's permission boundary, which neither can change.
    """

    provisioning_role_arn: Output[str]
    """Known when the role's policies are in place."""
    gateway_role_arn: Output[str]
    boundary_arn: Output[str]

    def __init__(self, name: str, args: ProvisioningIdentityArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ProvisioningIdentity"), name, {}, opts)
        platform = args.platform
        child = ResourceOptions(parent=self)
        limit = iam.Policy(
            f"{name}-boundary",
            name=naming.boundary(platform),
            path=naming.path(platform),
            description="The most that the roles of the platform can do with tenants.",
            policy=platform_boundary(platform).render(),
            opts=child,
        )
        provisioner = iam.Role(
            name,
            name=naming.platform_role(platform, "provisioning"),
            path=naming.path(platform),
            assume_role_policy=provisioning.trust(platform).render(),
            permissions_boundary=limit.arn,
            # A tenant's endpoint takes up to 20 minutes, an update of a large fleet some times that.
            max_session_duration=4 * SESSION_SECONDS,
            opts=child,
        )
        attached = [
            self._attached(f"{name}-{subject}", platform, subject, document.render(), provisioner)
            for subject, document in provisioning.policies(platform).items()
        ]
        caller = iam.Role(
            f"{name}-gateway",
            name=naming.platform_role(platform, "gateway"),
            path=naming.path(platform),
            assume_role_policy=gateway.trust(platform).render(),
            permissions_boundary=limit.arn,
            max_session_duration=SESSION_SECONDS,
            opts=child,
        )
        iam.RolePolicy(
            f"{name}-gateway",
            name="access",
            role=caller.name,
            policy=gateway.identity(platform).render(),
            opts=child,
        )
        self.provisioning_role_arn = Output.all(provisioner.arn, *attached).apply(lambda known: str(known[0]))
        self.gateway_role_arn = caller.arn
        self.boundary_arn = limit.arn
        self.register_outputs(
            {
                "provisioning_role_arn": self.provisioning_role_arn,
                "gateway_role_arn": self.gateway_role_arn,
                "boundary_arn": self.boundary_arn,
            }
        )

    def _attached(self, name: str, platform: PlatformSpec, subject: str, document: str, role: iam.Role) -> Output[str]:
        policy = iam.Policy(
            name,
            name=naming.provisioning_policy(platform, subject),
            path=naming.path(platform),
            description=f"What the provisioning role may do: {subject}.",
            policy=document,
            opts=ResourceOptions(parent=self),
        )
        return iam.RolePolicyAttachment(
            name, role=role.name, policy_arn=policy.arn, opts=ResourceOptions(parent=self)
        ).id
