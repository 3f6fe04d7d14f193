"""VPCs and subnets. Source: Pulumi registry, "aws.ec2.Vpc" and "aws.ec2.Subnet"; Amazon EC2 API Reference.

Address pools of IPAM, Outposts and DNS64 are not supported: the embedded cloud has none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource, Step, Tags
from infra.sandbox.aws.resources.ec2_addresses import network_problem
from infra.sandbox.aws.wire import Properties

_VPC_ATTRIBUTES = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")
_SUBNET_ATTRIBUTES = (*("mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableResourceNameDnsARecordOnLaunch"),)


def _member(name: str) -> str:
    return name[0].upper() + name[1:]


def _attribute(operation: str, identifier: str, name: str) -> Step:
    """AWS takes one attribute a call."""

    def write(action: Action) -> None:
        members: dict[str, Any] = {identifier: action.id, _member(name): {"Value": bool(action.props.get(name))}}
        action.api(operation, **members)

    return Step((name,), write)


def _attribute_read(name: str) -> Read:
    return Read(
        "describe_vpc_attribute",
        fixed={"Attribute": name},
        names={name: f"{_member(name)}.Value"},
        properties=(name,),
    )


def _ipv6_block(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one IPv6 range of a VPC or subnet, empty where there is none."""
    blocks = [
        block
        for block in found.get("Ipv6CidrBlockAssociationSet", [])
        if "disassociat" not in block.get("Ipv6CidrBlockState", {}).get("State", "")
    ]
    return blocks[0] if blocks else {}


def _vpc_ipv6(found: Mapping[str, Any]) -> Properties:
    block = _ipv6_block(found)
    return {
        "assignGeneratedIpv6CidrBlock": bool(block),
        "ipv6CidrBlock": block.get("Ipv6CidrBlock", ""),
        "ipv6AssociationId": block.get("AssociationId", ""),
        "ipv6CidrBlockNetworkBorderGroup": block.get("NetworkBorderGroup", ""),
    }


def _subnet_ipv6(found: Mapping[str, Any]) -> Properties:
    block = _ipv6_block(found)
    return {
        "ipv6CidrBlock": block.get("Ipv6CidrBlock", ""),
        "ipv6CidrBlockAssociationId": block.get("AssociationId", ""),
    }


def _generate_ipv6(action: Action) -> None:
    if action.props.get("assignGeneratedIpv6CidrBlock"):
        action.api("associate_vpc_cidr_block", VpcId=action.id, AmazonProvidedIpv6CidrBlock=True)
    elif action.old.get("ipv6AssociationId"):
        action.api("disassociate_vpc_cidr_block", AssociationId=action.old["ipv6AssociationId"])


def _tenancy(action: Action) -> None:
    action.api("modify_vpc_tenancy", VpcId=action.id, InstanceTenancy=action.props["instanceTenancy"])


def _stricter_tenancy(_: Properties, new: Properties) -> tuple[str, ...]:
    """A VPC can go back to default tenancy, but not to dedicated (ModifyVpcTenancy)."""
    return () if new.get("instanceTenancy") == "default" else ("instanceTenancy",)


def _parts_of_vpc(action: Action, _: Properties) -> Properties:
    """What AWS makes with every VPC."""

    def own(kind: str, name: str, value: str) -> dict[str, str]:
        filters = [{"Name": "vpc-id", "Values": [action.id]}, {"Name": name, "Values": [value]}]
        found = action.api(f"describe_{kind}s", Filters=filters)[_camel(f"{kind}s")]
        return found[0] if found else {}

    table = own("route_table", "association.main", "true").get("RouteTableId", "")
    return {
        "mainRouteTableId": table,
        "defaultRouteTableId": table,
        "defaultNetworkAclId": own("network_acl", "default", "true").get("NetworkAclId", ""),
        "defaultSecurityGroupId": own("security_group", "group-name", "default").get("GroupId", ""),
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _vpc_range(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon VPC User Guide, "VPC CIDR blocks": /16 to /28."""
    if inputs.get("cidrBlock") is None:
        yield "cidrBlock", "missing required property: the offline provider has no address pools to take a range from"
    elif problem := network_problem(inputs["cidrBlock"], version=4, longest=28, shortest=16):
        yield "cidrBlock", problem


def _subnet_range(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon VPC User Guide, "Subnet CIDR blocks": /16 to /28."""
    if inputs.get("cidrBlock") is None and not inputs.get("ipv6Native"):
        yield "cidrBlock", "missing required property, unless ipv6Native is true"
    elif problem := network_problem(inputs.get("cidrBlock"), version=4, longest=28, shortest=16):
        yield "cidrBlock", problem
    if problem := network_problem(inputs.get("ipv6CidrBlock"), version=6):
        yield "ipv6CidrBlock", problem
    if inputs.get("availabilityZone") is not None and inputs.get("availabilityZoneId") is not None:
        yield "availabilityZone", "conflicts with availabilityZoneId; give one of them"


def _assigned_ipv6(old: Properties, _: Properties) -> tuple[str, ...]:
    """A range from which addresses were assigned cannot be exchanged."""
    return ("ipv6CidrBlock",) if old.get("ipv6CidrBlock") and old.get("assignIpv6AddressOnCreation") else ()


def _exchange_ipv6(action: Action) -> None:
    if action.old.get("ipv6CidrBlockAssociationId"):
        action.api("disassociate_subnet_cidr_block", AssociationId=action.old["ipv6CidrBlockAssociationId"])
    if action.props.get("ipv6CidrBlock"):
        action.api("associate_subnet_cidr_block", SubnetId=action.id, Ipv6CidrBlock=action.props["ipv6CidrBlock"])


RESOURCES = (
    Resource(
        type="aws:ec2/vpc:Vpc",
        service="ec2",
        id="Vpc.VpcId",
        identity={"VpcId": "{id}"},
        create=Call(
            "create_vpc",
            properties=("cidrBlock", "instanceTenancy", "assignGeneratedIpv6CidrBlock"),
            names={"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"},
        ),
        reads=(
            Read("describe_vpcs", at="Vpcs", fixed={"VpcIds": ["{id}"]}, also=_vpc_ipv6),
            *(_attribute_read(name) for name in _VPC_ATTRIBUTES),
        ),
        updates=(
            *(_attribute("modify_vpc_attribute", "VpcId", name) for name in _VPC_ATTRIBUTES),
            Step(("instanceTenancy",), _tenancy),
            Step(("assignGeneratedIpv6CidrBlock",), _generate_ipv6),
        ),
        delete=Call("delete_vpc", properties=()),
        missing=("InvalidVpcID.NotFound",),
        replace_if=_stricter_tenancy,
        defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
        templates={"arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}"},
        complete=_parts_of_vpc,
        unstable=("ipv6AssociationId", "ipv6CidrBlock"),
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="vpc"),
        rules=(_vpc_range,),
    ),
    Resource(
        type="aws:ec2/subnet:Subnet",
        service="ec2",
        id="Subnet.SubnetId",
        identity={"SubnetId": "{id}"},
        names={
            "arn": "SubnetArn",
            "enableResourceNameDnsARecordOnLaunch": "PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
            "privateDnsHostnameTypeOnLaunch": "PrivateDnsNameOptionsOnLaunch.HostnameType",
        },
        create=Call(
            "create_subnet",
            properties=(
                *("vpcId", "cidrBlock", "ipv6CidrBlock", "ipv6Native", "availabilityZone", "availabilityZoneId"),
            ),
        ),
        reads=(
            Read(
                "describe_subnets",
                at="Subnets",
                fixed={"SubnetIds": ["{id}"]},
                also=_subnet_ipv6,
            ),
        ),
        updates=(
            Step(("ipv6CidrBlock",), _exchange_ipv6),
            *(_attribute("modify_subnet_attribute", "SubnetId", name) for name in _SUBNET_ATTRIBUTES),
        ),
        delete=Call("delete_subnet", properties=()),
        missing=("InvalidSubnetID.NotFound",),
        replace_if=_assigned_ipv6,
        defaults=dict.fromkeys((*_SUBNET_ATTRIBUTES, "ipv6Native"), False),
        unstable=("ipv6CidrBlockAssociationId",),
        tags=Tags("create_tags", "delete_tags", None, "{id}", kind="subnet"),
        rules=(_subnet_range,),
    ),
)
"""EC2 entries of the table: VPCs and subnets."""
