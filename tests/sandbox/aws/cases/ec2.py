"""Contract cases of EC2: VPCs, subnets, route tables and their associations, security groups, flow logs."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws

from .case import Case, Clients, Needs, Outputs


def vpc(name: str) -> aws.ec2.Vpc:
    return aws.ec2.Vpc(name, cidr_block="10.20.0.0/16", enable_dns_hostnames=True)


def subnet(name: str, of: aws.ec2.Vpc, index: int) -> aws.ec2.Subnet:
    zone = f"eu-central-1{'abc'[index]}"
    return aws.ec2.Subnet(name, vpc_id=of.id, cidr_block=f"10.20.{index}.0/24", availability_zone=zone)


def two_vpcs(name: str) -> Needs:
    return {each: vpc(f"{name}-{each}") for each in ("one", "two")}


def _a_vpc(name: str) -> Needs:
    return {"vpc": vpc(f"{name}-vpc")}


def _vpcs_with_an_interface(name: str) -> Needs:
    """Something that a route can lead to: the interface of an endpoint."""
    made = two_vpcs(name)
    for each in ("one", "two"):
        endpoint = aws.ec2.VpcEndpoint(
            f"{name}-{each}",
            vpc_id=made[each].id,
            vpc_endpoint_type="Interface",
            service_name="com.amazonaws.eu-central-1.sts",
            subnet_ids=[subnet(f"{name}-{each}", made[each], 0).id],
        )
        made[f"to-{each}"] = endpoint.network_interface_ids.apply(
            lambda ids: [{"cidr_block": "10.99.0.0/16", "network_interface_id": ids[0]}]
        )
    return made


def _subnets_and_tables(name: str) -> Needs:
    network = vpc(f"{name}-vpc")
    made: Needs = {each: subnet(f"{name}-{each}", network, index) for index, each in enumerate(("one", "two"))}
    tables = {f"table-{each}": aws.ec2.RouteTable(f"{name}-{each}", vpc_id=network.id) for each in ("one", "two")}
    return {**made, **tables}


def _vpc_and_group(name: str) -> Needs:
    network = vpc(f"{name}-vpc")
    return {"vpc": network, "peer": aws.ec2.SecurityGroup(f"{name}-peer", vpc_id=network.id)}


def _flow_log_needs(name: str) -> Needs:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs = {each: aws.cloudwatch.LogGroup(f"{name}-{each}") for each in ("one", "two")}
    return {**logs, "vpc": vpc(f"{name}-vpc"), "role": aws.iam.Role(f"{name}-role", assume_role_policy=trust)}


def _ids(operation: str, answer: str, member: str) -> Any:
    def left(boto: Clients) -> set[str]:
        return {each[member] for each in getattr(boto("ec2"), operation)()[answer]}

    return left


def _associations(boto: Clients) -> set[str]:
    tables = boto("ec2").describe_route_tables()["RouteTables"]
    return {each["RouteTableAssociationId"] for table in tables for each in table["Associations"]}


def _retag(boto: Clients, resource: Outputs) -> None:
    boto("ec2").create_tags(Resources=[resource["id"]], Tags=[{"Key": "owner", "Value": "other"}])


def _no_dns(boto: Clients, made: Outputs) -> None:
    boto("ec2").modify_vpc_attribute(VpcId=made["id"], EnableDnsSupport={"Value": False})


def _private_again(boto: Clients, made: Outputs) -> None:
    boto("ec2").modify_subnet_attribute(SubnetId=made["id"], MapPublicIpOnLaunch={"Value": False})


def _lose_route(boto: Clients, table: Outputs) -> None:
    boto("ec2").delete_route(RouteTableId=table["id"], DestinationCidrBlock="10.99.0.0/16")


def _other_table(boto: Clients, association: Outputs) -> None:
    """AWS gives the association another id."""
    ec2 = boto("ec2")
    (own,) = ec2.describe_route_tables(RouteTableIds=[association["routeTableId"]])["RouteTables"]
    of_vpc = [{"Name": "vpc-id", "Values": [own["VpcId"]]}]
    others = [table["RouteTableId"] for table in ec2.describe_route_tables(Filters=of_vpc)["RouteTables"]]
    other = next(table for table in others if table != own["RouteTableId"])
    ec2.replace_route_table_association(AssociationId=association["id"], RouteTableId=other)


def _let_all_in(boto: Clients, group: Outputs) -> None:
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    boto("ec2").authorize_security_group_ingress(GroupId=group["id"], IpPermissions=[permission])


def _https(**source: Any) -> dict[str, Any]:
    return {"protocol": "tcp", "from_port": 443, "to_port": 443, **source}


CASES = (
    Case(
        type="aws:ec2/vpc:Vpc",
        inputs=lambda _: {"cidr_block": "10.1.0.0/16", "enable_dns_hostnames": True, "tags": {"owner": "one"}},
        update=lambda _: {
            "enable_dns_hostnames": False,
            "enable_network_address_usage_metrics": True,
            "assign_generated_ipv6_cidr_block": True,
            "tags": {"team": "two"},
        },
        replace=lambda _: {"cidr_block": "10.2.0.0/16"},
        tamper=_no_dns,
        tampered="enableDnsSupport",
        left=_ids("describe_vpcs", "Vpcs", "VpcId"),
    ),
    Case(
        type="aws:ec2/subnet:Subnet",
        needs=_a_vpc,
        inputs=lambda needs: {
            "vpc_id": needs["vpc"].id,
            "cidr_block": "10.20.1.0/24",
            "availability_zone": "eu-central-1a",
            "tags": {"owner": "one"},
        },
        update=lambda _: {"map_public_ip_on_launch": True, "tags": {"team": "two"}},
        replace=lambda _: {"cidr_block": "10.20.2.0/24"},
        tamper=_private_again,
        tampered="mapPublicIpOnLaunch",
        left=_ids("describe_subnets", "Subnets", "SubnetId"),
    ),
    Case(
        type="aws:ec2/routeTable:RouteTable",
        needs=_vpcs_with_an_interface,
        inputs=lambda needs: {"vpc_id": needs["one"].id, "tags": {"owner": "one"}},
        update=lambda needs: {"routes": needs["to-one"], "tags": {"team": "two"}},
        replace=lambda needs: {"vpc_id": needs["two"].id, "routes": needs["to-two"]},
        tamper=_lose_route,
        tampered="routes",
        left=_ids("describe_route_tables", "RouteTables", "RouteTableId"),
    ),
    Case(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        needs=_subnets_and_tables,
        inputs=lambda needs: {"subnet_id": needs["one"].id, "route_table_id": needs["table-one"].id},
        update=lambda needs: {"route_table_id": needs["table-two"].id},
        replace=lambda needs: {"subnet_id": needs["two"].id},
        tamper=_other_table,
        tampered="routeTableId",
        import_id=lambda made: f"{made['subnetId']}/{made['routeTableId']}",
        left=_associations,
    ),
    Case(
        type="aws:ec2/securityGroup:SecurityGroup",
        needs=_vpc_and_group,
        inputs=lambda needs: {
            "vpc_id": needs["vpc"].id,
            "ingress": [_https(cidr_blocks=["10.0.0.0/8", "172.16.0.0/12"])],
            "tags": {"owner": "one"},
        },
        update=lambda needs: {
            "ingress": [_https(cidr_blocks=["10.0.0.0/8"]), _https(self=True, description="each other")],
            "egress": [_https(security_groups=[needs["peer"].id])],
            "revoke_rules_on_delete": True,
            "tags": {"team": "two"},
        },
        replace=lambda _: {"description": "another"},
        tamper=_let_all_in,
        tampered="ingress",
        left=_ids("describe_security_groups", "SecurityGroups", "GroupId"),
    ),
    Case(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        needs=two_vpcs,
        inputs=lambda needs: {
            "vpc_id": needs["one"].id,
            "ingress": [_https(self=True)],
            "tags": {"owner": "one"},
        },
        update=lambda _: {"ingress": [_https(cidr_blocks=["10.20.0.0/16"])], "tags": {"team": "two"}},
        replace=lambda needs: {"vpc_id": needs["two"].id},
        tamper=_let_all_in,
        tampered="ingress",
        left=_ids("describe_security_groups", "SecurityGroups", "GroupId"),
    ),
    Case(
        type="aws:ec2/flowLog:FlowLog",
        needs=_flow_log_needs,
        inputs=lambda needs: {
            "vpc_id": needs["vpc"].id,
            "traffic_type": "ALL",
            "log_destination": needs["one"].arn,
            "iam_role_arn": needs["role"].arn,
            "tags": {"owner": "one"},
        },
        update=lambda _: {"tags": {"team": "two"}},
        replace=lambda needs: {"log_destination": needs["two"].arn, "max_aggregation_interval": 60},
        tamper=_retag,
        tampered="tags",
        left=_ids("describe_flow_logs", "FlowLogs", "FlowLogId"),
    ),
)
