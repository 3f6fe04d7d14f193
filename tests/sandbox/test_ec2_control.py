"""EC2's control plane where moto had to be completed: each answer as AWS documents it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of

ANYONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
KMS = "com.amazonaws.eu-central-1.kms"
S3 = "com.amazonaws.eu-central-1.s3"
_numbers = count()


@dataclass
class Network:
    """A VPC of one test, with two zones."""

    ec2: Any
    vpc: str
    subnets: list[str] = field(default_factory=list[str])

    def group(self, name: str) -> str:
        return self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]

    def endpoint(self, service: str = KMS, **more: Any) -> str:
        given = {"VpcEndpointType": "Interface", "SubnetIds": self.subnets, "PrivateDnsEnabled": False, **more}
        answer = self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=service, **given)
        return answer["VpcEndpoint"]["VpcEndpointId"]

    def gateway(self, *tables: str) -> str:
        given = {"VpcEndpointType": "Gateway", "RouteTableIds": list(tables)}
        return self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName=S3, **given)["VpcEndpoint"]["VpcEndpointId"]

    def described(self, endpoint: str) -> Any:
        return self.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]

    def table(self) -> str:
        return self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]

    def routes_to(self, endpoint: str) -> set[str]:
        filters = [{"Name": "vpc-id", "Values": [self.vpc]}]
        tables = self.ec2.describe_route_tables(Filters=filters)["RouteTables"]
        found = [(table, route) for table in tables for route in table["Routes"]]
        return {table["RouteTableId"] for table, route in found if route.get("GatewayId") == endpoint}


@pytest.fixture
def network(aws: Clients) -> Network:
    ec2, number = aws("ec2"), next(_numbers)
    vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    made = Network(ec2, vpc)
    for index, zone in enumerate("ab"):
        cidr = f"10.{number}.{index}.0/24"
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"eu-central-1{zone}")["Subnet"]
        made.subnets.append(subnet["SubnetId"])
    return made


def test_an_interface_endpoint_answers_under_its_own_names_and_the_services(network: Network) -> None:
    """The Regional name is the first; the usual name is there with private DNS only."""
    endpoint = network.endpoint("com.amazonaws.eu-central-1.sagemaker.runtime")
    names = [entry["DnsName"] for entry in network.described(endpoint)["DnsEntries"]]
    assert len(names) == 3
    assert names[0].startswith(f"{endpoint}-")
    assert names[0].endswith(".runtime.sagemaker.eu-central-1.vpce.amazonaws.com")
    assert {name.partition(".")[0].rpartition("-")[2] for name in names[1:]} == {"1a", "1b"}
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PrivateDnsEnabled=True)
    after = network.described(endpoint)
    assert after["PrivateDnsEnabled"]
    assert [entry["DnsName"] for entry in after["DnsEntries"]] == [
        *names,
        "runtime.sagemaker.eu-central-1.amazonaws.com",
    ]


def test_modify_changes_all_that_aws_lets_change(network: Network) -> None:
    groups = [network.group(name) for name in ("one", "two")]
    endpoint = network.endpoint(SecurityGroupIds=groups[:1], SubnetIds=network.subnets[:1])
    before = network.described(endpoint)
    assert before["IpAddressType"] == "ipv4"
    network.ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint,
        AddSubnetIds=network.subnets[1:],
        AddSecurityGroupIds=groups[1:],
        RemoveSecurityGroupIds=groups[:1],
        PolicyDocument=json.dumps(ANYONE),
        IpAddressType="dualstack",
        DnsOptions={"DnsRecordIpType": "dualstack"},
    )
    after = network.described(endpoint)
    assert set(after["SubnetIds"]) == set(network.subnets)
    assert len(after["NetworkInterfaceIds"]) == 2
    assert [group["GroupId"] for group in after["Groups"]] == groups[1:]
    assert json.loads(after["PolicyDocument"]) == ANYONE
    assert after["IpAddressType"] == after["DnsOptions"]["DnsRecordIpType"] == "dualstack"
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    assert network.described(endpoint)["PolicyDocument"] == before["PolicyDocument"]


def test_an_endpoints_addresses_lie_in_its_subnets_behind_its_groups(network: Network) -> None:
    """Without a group it gets the VPC's default one; the addresses go with it."""
    endpoint = network.endpoint()
    interfaces = network.described(endpoint)["NetworkInterfaceIds"]
    found = network.ec2.describe_network_interfaces(NetworkInterfaceIds=interfaces)["NetworkInterfaces"]
    assert {each["SubnetId"] for each in found} == set(network.subnets)
    assert {group["GroupName"] for each in found for group in each["Groups"]} == {"default"}
    network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    with pytest.raises(ClientError, match="does not exist"):
        network.described(endpoint)
    with pytest.raises(ClientError):
        network.ec2.describe_network_interfaces(NetworkInterfaceIds=interfaces)


def test_one_endpoint_a_service_and_vpc_has_private_dns(network: Network) -> None:
    """The second is refused at its creation and when it is switched on; without private DNS there can be more."""
    network.endpoint(PrivateDnsEnabled=True)
    other = network.endpoint()
    with pytest.raises(ClientError) as caught:
        network.endpoint(PrivateDnsEnabled=True)
    assert error_of(caught) == (
        "InvalidParameter",
        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
        f"kms.eu-central-1.amazonaws.com in the VPC {network.vpc}",
    )
    with pytest.raises(ClientError, match="conflicting DNS domain"):
        network.ec2.modify_vpc_endpoint(VpcEndpointId=other, PrivateDnsEnabled=True)


def test_private_dns_needs_the_dns_of_the_vpc(network: Network) -> None:
    network.ec2.modify_vpc_attribute(VpcId=network.vpc, EnableDnsHostnames={"Value": False})
    with pytest.raises(ClientError, match="requires both enableDnsSupport and enableDnsHostnames"):
        network.endpoint(PrivateDnsEnabled=True)
    network.endpoint()


def test_an_endpoint_has_one_subnet_a_zone(network: Network) -> None:
    with pytest.raises(ClientError) as caught:
        network.endpoint(SubnetIds=[network.subnets[0], network.subnets[0]])
    assert error_of(caught)[0] == "DuplicateSubnetsInSameZone"


def test_a_gateway_endpoint_is_a_route_in_each_of_its_tables(network: Network) -> None:
    """A table has one such route a service; routes follow the endpoint's tables, and go with it or with the table."""
    one, two, three = (network.table() for _ in range(3))
    endpoint = network.gateway(one, two)
    assert network.routes_to(endpoint) == {one, two}
    with pytest.raises(ClientError) as caught:
        network.gateway(one)
    assert error_of(caught)[0] == "RouteAlreadyExists"
    network.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, AddRouteTableIds=[three], RemoveRouteTableIds=[one])
    assert network.routes_to(endpoint) == {two, three}
    network.ec2.delete_route_table(RouteTableId=three)
    network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert network.routes_to(endpoint) == set()


def test_prefix_lists_tell_their_ranges(network: Network) -> None:
    filters = [{"Name": "prefix-list-name", "Values": [S3]}]
    (found,) = network.ec2.describe_prefix_lists(Filters=filters)["PrefixLists"]
    assert found["PrefixListId"].startswith("pl-")
    assert all("/" in cidr for cidr in found["Cidrs"])


def test_modify_changes_rules_of_every_kind_of_source(network: Network) -> None:
    """Not the kind itself; and each kind has its description."""
    ec2, group, others = network.ec2, network.group("rules"), [network.group(name) for name in ("one", "two")]
    filters = [{"Name": "prefix-list-name", "Values": [S3, "com.amazonaws.eu-central-1.dynamodb"]}]
    lists = [each["PrefixListId"] for each in ec2.describe_prefix_lists(Filters=filters)["PrefixLists"]]

    def changed(source: dict[str, Any], **wanted: str) -> Any:
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, **source}
        made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"][0]
        assert made["Description"] == "first"
        rule = {"IpProtocol": "udp", "FromPort": 3, "ToPort": 4, "Description": "second", **wanted}
        update = {"SecurityGroupRuleId": made["SecurityGroupRuleId"], "SecurityGroupRule": rule}
        ec2.modify_security_group_rules(GroupId=group, SecurityGroupRules=[update])
        found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[made["SecurityGroupRuleId"]])
        after = found["SecurityGroupRules"][0]
        assert (after["IpProtocol"], after["FromPort"], after["ToPort"]) == ("udp", 3, 4)
        assert after["Description"] == "second"
        return after

    described = {"Description": "first"}
    v4 = changed({"IpRanges": [{"CidrIp": "10.0.0.0/8", **described}]}, CidrIpv4="10.1.0.0/16")
    assert v4["CidrIpv4"] == "10.1.0.0/16"
    v6 = changed({"Ipv6Ranges": [{"CidrIpv6": "fd00::/8", **described}]}, CidrIpv6="fd01::/16")
    assert v6["CidrIpv6"] == "fd01::/16"
    listed = changed({"PrefixListIds": [{"PrefixListId": lists[0], **described}]}, PrefixListId=lists[1])
    assert listed["PrefixListId"] == lists[1]
    paired = changed({"UserIdGroupPairs": [{"GroupId": others[0], **described}]}, ReferencedGroupId=others[1])
    assert paired["ReferencedGroupInfo"]["GroupId"] == others[1]
    with pytest.raises(ClientError, match="Invalid rule type"):
        changed({"IpRanges": [{"CidrIp": "10.2.0.0/16", **described}]}, CidrIpv6="fd02::/16")


def test_what_is_in_use_is_not_deleted(network: Network) -> None:
    """The positive control: each goes when nothing needs it any more."""
    ec2, used, user = network.ec2, network.group("used"), network.group("user")
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": used}]}
    ec2.authorize_security_group_ingress(GroupId=user, IpPermissions=[permission])
    endpoint = network.endpoint(SecurityGroupIds=[user])

    def refused(delete: Any, **named: str) -> None:
        with pytest.raises(ClientError) as caught:
            delete(**named)
        assert error_of(caught)[0] == "DependencyViolation"

    refused(ec2.delete_security_group, GroupId=used)
    refused(ec2.delete_security_group, GroupId=user)
    refused(ec2.delete_subnet, SubnetId=network.subnets[0])
    refused(ec2.delete_vpc, VpcId=network.vpc)

    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    for subnet in network.subnets:
        ec2.delete_subnet(SubnetId=subnet)
    refused(ec2.delete_vpc, VpcId=network.vpc)
    ec2.delete_security_group(GroupId=user)
    ec2.delete_security_group(GroupId=used)
    ec2.delete_vpc(VpcId=network.vpc)
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    assert ec2.describe_network_acls(Filters=of_vpc)["NetworkAcls"] == []


def test_the_default_group_stays(network: Network) -> None:
    filters = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    (group,) = network.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    with pytest.raises(ClientError) as caught:
        network.ec2.delete_security_group(GroupId=group["GroupId"])
    assert error_of(caught)[0] == "CannotDelete"


def test_a_subnet_has_one_route_table(network: Network) -> None:
    one, two = network.table(), network.table()
    made = network.ec2.associate_route_table(RouteTableId=one, SubnetId=network.subnets[0])["AssociationId"]
    with pytest.raises(ClientError) as caught:
        network.ec2.associate_route_table(RouteTableId=two, SubnetId=network.subnets[0])
    assert error_of(caught)[0] == "Resource.AlreadyAssociated"
    network.ec2.disassociate_route_table(AssociationId=made)
    network.ec2.associate_route_table(RouteTableId=two, SubnetId=network.subnets[0])


def test_a_flow_log_names_the_group_of_its_destination(network: Network, aws: Clients) -> None:
    aws("logs").create_log_group(logGroupName="/flows")
    (made,) = network.ec2.create_flow_logs(
        ResourceIds=[network.vpc],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestination="arn:aws:logs:eu-central-1:123456789012:log-group:/flows",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow-logs",
    )["FlowLogIds"]
    (found,) = network.ec2.describe_flow_logs(FlowLogIds=[made])["FlowLogs"]
    assert found["LogGroupName"] == "/flows"
    assert found["DeliverLogsStatus"] == "SUCCESS"
