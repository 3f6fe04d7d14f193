"""EC2 deletions that AWS refuses because something still depends on what is to go, and moto lets pass.

Source: Amazon EC2 API Reference, "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc", "AssociateRouteTable" and "Error
codes" (DependencyViolation, CannotDelete, Resource.AlreadyAssociated).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.route_tables import RouteBackend
from moto.ec2.models.security_groups import SecurityGroup
from moto.ec2.models.subnets import Subnet, SubnetBackend
from moto.ec2.models.vpcs import VPC, VPCBackend
from moto.ec2.responses.security_groups import SecurityGroups

from infra.sandbox.moto_extensions.registry import wrap


def apply() -> None:
    """Changes moto."""
    wrap(SecurityGroups, "delete_security_group", _delete_group)
    wrap(SubnetBackend, "delete_subnet", _delete_subnet)
    wrap(VPCBackend, "delete_vpc", _delete_vpc)
    wrap(RouteBackend, "associate_route_table", _associate)


def _delete_group(original: Callable[[SecurityGroups], ActionResult], response: SecurityGroups) -> ActionResult:
    backend = cast("EC2Backend", response.ec2_backend)
    parameters = cast("dict[str, str]", response.params)
    group = backend.get_security_group_by_name_or_id(parameters.get("GroupId") or parameters.get("GroupName", ""))
    if group is not None:
        if group.is_default:
            message = f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
            raise EC2ClientError("CannotDelete", message)
        if _is_used(backend, group):
            raise DependencyViolationError(f"resource {group.id} has a dependent object")
    return original(response)


def _is_used(backend: EC2Backend, group: SecurityGroup) -> bool:
    others = (other for other in backend.describe_security_groups() if other.id != group.id)
    rules = (rule for other in others for rule in (*other.ingress_rules, *other.egress_rules))
    if any(rule.source_group.get("GroupId") == group.id for rule in rules):
        return True
    return any(used.id == group.id for interface in backend.enis.values() for used in interface.group_set)


def _delete_subnet(original: Callable[..., Subnet], backend: EC2Backend, subnet_id: str) -> Subnet:
    if any(interface.subnet_id == subnet_id for interface in backend.enis.values()):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return original(backend, subnet_id)


def _delete_vpc(original: Callable[..., VPC], backend: EC2Backend, vpc_id: str) -> VPC:
    groups = (group for group in backend.groups[vpc_id].values() if not group.is_default)
    endpoints = (endpoint for endpoint in backend.vpc_end_points.values() if endpoint.vpc_id == vpc_id)
    if any((*groups, *endpoints)):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    deleted = original(backend, vpc_id)
    for acl in [each for each in backend.network_acls.values() if each.vpc_id == vpc_id]:
        del backend.network_acls[acl.id]
    return deleted


def _associate(
    original: Callable[..., str],
    backend: EC2Backend,
    route_table_id: str,
    gateway_id: str | None = None,
    subnet_id: str | None = None,
) -> str:
    for table in backend.route_tables.values():
        taken = any(association.get("SubnetId") == subnet_id for association in table.associations)
        if subnet_id and taken and table.id != route_table_id:
            message = (
                f"the specified association for route table {route_table_id} conflicts with an existing association"
            )
            raise EC2ClientError("Resource.AlreadyAssociated", message)
    return original(backend, route_table_id, gateway_id, subnet_id)
