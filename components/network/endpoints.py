"""VPC endpoints, each with an endpoint policy."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi import Input
from pulumi_aws import ec2

from components.network.scope import Scope
from infra import endpoint_services
from infra.policies.document import PolicyDocument


def interface_endpoint(
    scope: Scope,
    service: str,
    *,
    policy: PolicyDocument,
    vpc_id: Input[str],
    subnet_ids: Sequence[Input[str]],
    security_group_id: Input[str],
    private_dns: bool,
) -> ec2.VpcEndpoint:
    """An interface endpoint: an address in each of the subnets, behind the security group.

    Args:
        scope: The tenant or the cell that the endpoint belongs to.
        service: A service of `infra.endpoint_services`.
        policy: The endpoint policy.
        vpc_id: The VPC that it serves.
        subnet_ids: At most one subnet a zone.
        security_group_id: The group that says who may connect.
        private_dns: Whether it answers under the service's usual name; one endpoint a service and VPC can.
    """
    return ec2.VpcEndpoint(
        f"{scope.name}-{service}",
        vpc_id=vpc_id,
        vpc_endpoint_type="Interface",
        service_name=endpoint_services.service_name(scope.platform.region, service),
        policy=policy.render(),
        subnet_ids=subnet_ids,
        security_group_ids=[security_group_id],
        private_dns_enabled=private_dns,
        tags=scope.tags("endpoint", service),
        opts=scope.opts,
    )


def gateway_endpoint(
    scope: Scope, service: str, *, policy: PolicyDocument, vpc_id: Input[str], route_table_id: Input[str]
) -> ec2.VpcEndpoint:
    """A gateway endpoint: a route to the service's prefix list in the route table, which can hold one a service."""
    return ec2.VpcEndpoint(
        f"{scope.name}-{service}",
        vpc_id=vpc_id,
        vpc_endpoint_type="Gateway",
        service_name=endpoint_services.service_name(scope.platform.region, service),
        policy=policy.render(),
        route_table_ids=[route_table_id],
        tags=scope.tags("endpoint", service),
        opts=scope.opts,
    )
