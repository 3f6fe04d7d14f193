"""How what EC2 gives an id to is found: by ``Name`` tag, or by what it connects."""

from __future__ import annotations

from collections.abc import Mapping

from infra.aws_finder.lookup import Aws, Inputs, Lookup, only, tagged


def _association(aws: Aws, inputs: Inputs) -> str | None:
    """A subnet's association with a route table; a subnet has one at most besides the main table's."""
    subnet, table = inputs.get("subnetId"), inputs.get("routeTableId")
    tables = aws.items(
        "ec2",
        "describe_route_tables",
        "RouteTables",
        Filters=[{"Name": "association.subnet-id", "Values": [str(subnet)]}],
    )
    return f"{subnet}/{table}" if any(found["RouteTableId"] == table for found in tables) else None


def _default_security_group(aws: Aws, inputs: Inputs) -> str | None:
    """The group that every VPC has; the resource only takes it over."""
    filters = [
        {"Name": "vpc-id", "Values": [str(inputs.get("vpcId"))]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    groups = aws.items("ec2", "describe_security_groups", "SecurityGroups", Filters=filters)
    return only([str(group["GroupId"]) for group in groups], "default security groups")


_IN_VPC = ("VpcId", "vpcId")
_OF_GROUP = ("GroupId", "securityGroupId")

TABLE: Mapping[str, Lookup] = {
    "aws:ec2/vpc:Vpc": tagged("describe_vpcs", "Vpcs", "VpcId", within=("CidrBlock", "cidrBlock")),
    "aws:ec2/subnet:Subnet": tagged("describe_subnets", "Subnets", "SubnetId", within=_IN_VPC),
    "aws:ec2/routeTable:RouteTable": tagged("describe_route_tables", "RouteTables", "RouteTableId", within=_IN_VPC),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _association,
    "aws:ec2/securityGroup:SecurityGroup": tagged(
        "describe_security_groups", "SecurityGroups", "GroupId", within=_IN_VPC
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": tagged(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId", within=_OF_GROUP
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": tagged(
        "describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId", within=_OF_GROUP
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_security_group,
    "aws:ec2/vpcEndpoint:VpcEndpoint": tagged(
        "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", within=_IN_VPC
    ),
    "aws:ec2/flowLog:FlowLog": tagged(
        "describe_flow_logs", "FlowLogs", "FlowLogId", within=("ResourceId", "vpcId"), filters="Filter"
    ),
}
