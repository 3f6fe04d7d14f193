"""WorkloadNetworkAccess: lets a tenant's jobs and endpoints have network interfaces, in the tenant's subnets only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import iam

from components.base import token
from components.security.roles import TenantRoles
from infra import naming
from infra.policies.interfaces import network_interfaces
from infra.policies.principals import EXECUTION_ROLES
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class WorkloadNetworkAccessArgs:
    """What the access of a tenant's workloads to its network is made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        roles: The tenant's roles, of which the execution roles get the access.
        subnet_ids: The tenant's subnets.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    roles: TenantRoles
    subnet_ids: Sequence[Input[str]]


class WorkloadNetworkAccess(pulumi.ComponentResource):
    """A second inline policy of the training and the serving role, which names the tenant's subnets.

    It is a component of its own because the roles come before the key and the key before the network. Whatever gives
    SageMaker a VPC configuration (a model, a job) depends on it.
    """

    def __init__(self, name: str, args: WorkloadNetworkAccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("WorkloadNetworkAccess"), name, {}, opts)
        document = Output.all(*args.subnet_ids).apply(
            lambda subnets: network_interfaces(args.platform, args.tenant, subnets).render()
        )
        for kind in EXECUTION_ROLES:
            iam.RolePolicy(
                f"{name}-{kind}",
                name="network",
                role=naming.role(args.platform, args.tenant, kind),
                policy=document,
                opts=ResourceOptions(parent=self, depends_on=[args.roles]),
            )
        self.register_outputs({})
