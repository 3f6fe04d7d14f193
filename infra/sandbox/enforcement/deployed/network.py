"""What EC2 knows of a network: which endpoint a subnet uses, what an association joins, in which VPC something is.

Sources: AWS PrivateLink Guide, "Gateway endpoints for Amazon S3" (routes), "Access an AWS service using an interface
VPC endpoint" (private DNS); Amazon VPC User Guide, "Subnet route tables" (main route table).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint

from infra.sandbox.enforcement.deployed.arns import Arn, backend
from infra.sandbox.enforcement.lookup import Route, Value

_GATEWAY = "Gateway"


def route(subnet: str, service: str) -> Route | None:
    """The endpoint through which a subnet reaches a service: by its route table, else by the VPC's private DNS.

    Args:
        subnet: The subnet's id.
        service: The last part of the endpoint service's name, for example ``s3``.
    """
    found = _of_subnet(subnet)
    if found is None:
        return None
    ec2, vpc = found
    name = f"com.amazonaws.{ec2.region_name}.{service}"
    endpoints = [each for each in list(ec2.vpc_end_points.values()) if (each.vpc_id, each.service_name) == (vpc, name)]
    used = next((each for each in endpoints if _leads_to(ec2, each, vpc, subnet)), None)
    return Route(endpoint=used.id, vpc=vpc) if used else None


def associated(account: str, region: str, identifier: str) -> Mapping[str, str]:
    """What an association of a route table, or an attachment or permission of a network interface joins."""
    ec2 = cast("EC2Backend | None", backend("ec2", account, region))
    if ec2 is None:
        return {}
    for table in ec2.route_tables.values():
        if identifier == table.main_association_id:
            return {"route-table": table.id}
        joined = cast("dict[str, str]", vars(table)["_associations"]).get(identifier)
        if joined is not None:
            return {"route-table": table.id, "subnet" if joined.startswith("subnet-") else "internet-gateway": joined}
    for interface in ec2.enis.values():
        if interface.attachment_id == identifier:
            instance: Any = interface.instance
            return {"network-interface": interface.id, **({"instance": instance.id} if instance else {})}
    return {}


def properties(arn: Arn) -> Mapping[str, Value]:
    """Condition keys of EC2 that a resource decides: its VPC, its subnet, the service of an endpoint."""
    ec2 = cast("EC2Backend | None", backend("ec2", arn.account, arn.region))
    if ec2 is None:
        return {}
    found = _resource(ec2, arn)
    if found is None:
        return {}
    keys: dict[str, Value] = {}
    for key, kind, attribute in (("ec2:Vpc", "vpc", "vpc_id"), ("ec2:Subnet", "subnet", "subnet_id")):
        value = getattr(found, attribute, None)
        if isinstance(value, str) and value:
            keys[key] = f"arn:aws:ec2:{arn.region}:{arn.account}:{kind}/{value}"
    if isinstance(found, VPCEndPoint):
        keys["ec2:VpceServiceName"] = found.service_name
    return keys


def _resource(ec2: EC2Backend, arn: Arn) -> Any:
    if arn.kind == "subnet":
        return next((zone[arn.name] for zone in ec2.subnets.values() if arn.name in zone), None)
    if arn.kind == "security-group":
        return next((groups[arn.name] for groups in ec2.groups.values() if arn.name in groups), None)
    kept: Mapping[str, Mapping[str, Any]] = {
        "network-interface": ec2.enis,
        "route-table": ec2.route_tables,
        "vpc-endpoint": ec2.vpc_end_points,
    }
    return kept.get(arn.kind, {}).get(arn.name)


def _of_subnet(subnet: str) -> tuple[EC2Backend, str] | None:
    for regional in list(ec2_backends.values()):
        for ec2 in list(regional.values()):
            for zone in list(ec2.subnets.values()):
                if subnet in zone:
                    return ec2, zone[subnet].vpc_id
    return None


def _leads_to(ec2: EC2Backend, endpoint: VPCEndPoint, vpc: str, subnet: str) -> bool:
    if endpoint.vpc_endpoint_type != _GATEWAY:
        return bool(endpoint.private_dns_enabled)
    return _table_of(ec2, vpc, subnet) in endpoint.route_table_ids


def _table_of(ec2: EC2Backend, vpc: str, subnet: str) -> str | None:
    tables = [table for table in list(ec2.route_tables.values()) if table.vpc_id == vpc]
    for table in tables:
        if subnet in cast("dict[str, str]", vars(table)["_associations"]).values():
            return table.id
    return next((table.id for table in tables if table.main_association_id), None)
