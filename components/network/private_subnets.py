"""Subnets over the platform's zones behind one route table that has no route out of the VPC."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from pulumi import Input, Output
from pulumi_aws import ec2

from components.network.scope import Scope
from infra import subnets


@dataclass(frozen=True, kw_only=True)
class PrivateSubnets:
    """The subnets' ids, in the order of the platform's zones, and their route table's id."""

    ids: list[Output[str]]
    route_table_id: Output[str]


def private_subnets(scope: Scope, *, vpc_id: Input[str], cidr: IPv4Network) -> PrivateSubnets:
    """A subnet a zone, all behind one route table of their own, which knows the VPC's own range only.

    Without a route table of its own a subnet takes the VPC's main one, which every owner in the VPC would share.

    Args:
        scope: The tenant or the cell that the subnets belong to.
        vpc_id: The VPC that they lie in.
        cidr: The owner's range, which is split over the zones.
    """
    routes = ec2.RouteTable(scope.name, vpc_id=vpc_id, tags=scope.tags("route-table"), opts=scope.opts)
    ids: list[Output[str]] = []
    for zone, part in subnets.split(cidr, scope.platform.availability_zones).items():
        subnet = ec2.Subnet(
            f"{scope.name}-{zone}",
            vpc_id=vpc_id,
            availability_zone=zone,
            cidr_block=str(part),
            map_public_ip_on_launch=False,
            tags=scope.tags("subnet", zone),
            opts=scope.opts,
        )
        ec2.RouteTableAssociation(
            f"{scope.name}-{zone}", subnet_id=subnet.id, route_table_id=routes.id, opts=scope.opts
        )
        ids.append(subnet.id)
    return PrivateSubnets(ids=ids, route_table_id=routes.id)
