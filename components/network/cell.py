"""NetworkCell: a VPC of the platform that tenants of tier pool share, with the interface endpoints they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.base import token
from components.network.endpoints import interface_endpoint
from components.network.private_subnets import private_subnets
from components.network.scope import Scope
from components.network.security_groups import security_group
from components.network.vpc import private_vpc
from infra import endpoint_services, subnets
from infra.policies import endpoint as endpoint_policy
from infra.spec.platform import Cell, PlatformSpec


@dataclass(frozen=True, kw_only=True)
class NetworkCellArgs:
    """What a cell is made of.

    Args:
        platform: The platform's spec.
        cell: The cell of the platform's spec: its name and range.
        key_arn: The platform's key, which encrypts the flow logs.
        flow_logs_role_arn: The role by which VPC Flow Logs writes.
    """

    platform: PlatformSpec
    cell: Cell
    key_arn: Input[str]
    flow_logs_role_arn: Input[str]


class NetworkCell(pulumi.ComponentResource):
    """A VPC over the platform's zones, its shared interface endpoints, and flow logs.

    The endpoints lie in the platform's own subnets, the last /24 of the cell, and answer under the services' usual
    names. Nothing may connect to them yet: each tenant's network adds the rule that lets its own workloads in. What may
    pass is held to the caller's tenant by the endpoints' policies.
    """

    vpc_id: Output[str]
    endpoint_security_group_id: Output[str]
    shared_endpoint_ids: Mapping[str, Output[str]]
    """Service, for example ``sts``, to the id of its endpoint."""

    def __init__(self, name: str, args: NetworkCellArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("NetworkCell"), name, {}, opts)
        platform, cell = args.platform, args.cell
        scope = Scope(name=name, platform=platform, owner=cell, opts=ResourceOptions(parent=self))
        vpc = private_vpc(
            scope,
            cidr=cell.cidr,
            key_arn=args.key_arn,
            flow_logs_role_arn=args.flow_logs_role_arn,
            retention_days=platform.retention.logs_days,
            protect=platform.prevent_deletion,
        )
        own = private_subnets(scope, vpc_id=vpc.id, cidr=subnets.platform_range(cell.cidr))
        group = security_group(
            scope, "endpoints", vpc_id=vpc.id, description=f"Shared interface endpoints of the cell {cell.name}"
        )
        shared = {
            service: interface_endpoint(
                scope,
                service,
                policy=endpoint_policy.shared_endpoint(platform, service),
                vpc_id=vpc.id,
                subnet_ids=own.ids,
                security_group_id=group.id,
                private_dns=True,
            )
            for service in endpoint_services.SHARED
        }
        self.vpc_id = vpc.id
        self.endpoint_security_group_id = group.id
        self.shared_endpoint_ids = {service: endpoint.id for service, endpoint in shared.items()}
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "endpoint_security_group_id": self.endpoint_security_group_id,
                "shared_endpoint_ids": self.shared_endpoint_ids,
            }
        )
