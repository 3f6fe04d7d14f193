"""TenantNetwork: where a tenant's workloads run, and the endpoints that are their only way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import ec2

from components.base import token
from components.network.endpoints import gateway_endpoint, interface_endpoint
from components.network.layout import LAYOUTS
from components.network.private_subnets import private_subnets
from components.network.scope import Scope
from components.network.security_groups import allow_https, allow_https_to_prefixes, security_group
from components.network.vpc import private_vpc
from infra import endpoint_services, naming
from infra.policies import endpoint as endpoint_policy
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


class SharedCell(Protocol):
    """What a tenant needs to know of its cell: the platform's outputs and `NetworkCell` both have it."""

    @property
    def vpc_id(self) -> Input[str]:
        """The cell's VPC."""
        ...

    @property
    def endpoint_security_group_id(self) -> Input[str]:
        """The security group of the cell's shared endpoints."""
        ...


@dataclass(frozen=True, kw_only=True)
class TenantNetworkArgs:
    """What a tenant's network is made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec; its tier decides what the tenant has for itself (`components.network.layout`).
        cell: The cell that holds the tenant's subnets; None where the tenant has a VPC of its own.
        key_arn: The tenant's key, which encrypts the flow logs of a VPC of its own.
        keep: Whether the deletion of what it records is refused. In the middle of a move one network will go.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    cell: SharedCell | None
    key_arn: Input[str]
    keep: bool


class TenantNetwork(pulumi.ComponentResource):
    """Subnets, a route table without a way out, a security group, and endpoints that let only the tenant pass.

    The tenant's workloads run in `subnet_ids` with `security_group_id`, which opens connections to the endpoints and
    to nothing else.

    Raises:
        ValueError: the tier shares a cell's VPC and no cell was given.
    """

    vpc_id: Output[str]
    subnet_ids: Sequence[Output[str]]
    """In the order of the platform's zones."""
    security_group_id: Output[str]
    """The group of the tenant's workloads."""
    s3_endpoint_id: Output[str]
    """The gateway endpoint that the tenant's bucket policies name."""
    endpoint_urls: Mapping[str, Output[str]]
    """The SDKs' name of a service to the URL of the tenant's own endpoint, for services that do not answer under their
    usual name: what workloads need as ``AWS_ENDPOINT_URL_<SERVICE>``."""

    def __init__(self, name: str, args: TenantNetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantNetwork"), name, {}, opts)
        platform, tenant = args.platform, args.tenant
        layout = LAYOUTS[tenant.tier]
        scope = Scope(name=name, platform=platform, owner=tenant, opts=ResourceOptions(parent=self))

        shared_groups: list[Input[str]] = []
        if layout.own_vpc:
            vpc_id: Input[str] = _own_vpc(scope, args)
        elif args.cell is not None:
            vpc_id = args.cell.vpc_id
            shared_groups.append(args.cell.endpoint_security_group_id)
        else:
            raise ValueError(f"tenant {tenant.id} of tier {tenant.tier} has its subnets in a cell, and none was given")

        own = private_subnets(scope, vpc_id=vpc_id, cidr=tenant.network.cidr)
        workloads = security_group(scope, "workloads", vpc_id=vpc_id, description=f"Workloads of {tenant.id}")
        servers = security_group(scope, "endpoints", vpc_id=vpc_id, description=f"Endpoints of {tenant.id}")
        allow_https(scope, "endpoints", clients=workloads.id, servers=servers.id)
        for shared_group in shared_groups:
            allow_https(scope, "shared-endpoints", clients=workloads.id, servers=shared_group)

        s3 = gateway_endpoint(
            scope,
            endpoint_services.GATEWAY,
            policy=endpoint_policy.tenant_endpoint(platform, tenant, endpoint_services.GATEWAY),
            vpc_id=vpc_id,
            route_table_id=own.route_table_id,
        )
        allow_https_to_prefixes(scope, "s3", clients=workloads.id, prefix_list_id=s3.prefix_list_id)
        dedicated = {
            service: interface_endpoint(
                scope,
                service,
                policy=endpoint_policy.tenant_endpoint(platform, tenant, service),
                vpc_id=vpc_id,
                subnet_ids=own.ids,
                security_group_id=servers.id,
                private_dns=layout.private_dns,
            )
            for service in layout.dedicated
        }

        self.vpc_id = Output.from_input(vpc_id)
        self.subnet_ids = own.ids
        self.security_group_id = workloads.id
        self.s3_endpoint_id = s3.id
        self.endpoint_urls = (
            {}
            if layout.private_dns
            else {endpoint_services.SDK_NAMES[service]: _url(endpoint) for service, endpoint in dedicated.items()}
        )
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "subnet_ids": self.subnet_ids,
                "security_group_id": self.security_group_id,
                "s3_endpoint_id": self.s3_endpoint_id,
                "endpoint_urls": self.endpoint_urls,
            }
        )


def _own_vpc(scope: Scope, args: TenantNetworkArgs) -> Output[str]:
    platform, tenant = args.platform, args.tenant
    return private_vpc(
        scope,
        cidr=tenant.network.cidr,
        key_arn=args.key_arn,
        flow_logs_role_arn=naming.platform_role_arn(platform, "flow-logs"),
        retention_days=tenant.retention.logs_days,
        protect=args.keep,
    ).id


def _url(endpoint: ec2.VpcEndpoint) -> Output[str]:
    """The URL of an endpoint's Regional DNS name, which AWS lists first."""
    return endpoint.dns_entries.apply(lambda entries: f"https://{entries[0].dns_name}")
