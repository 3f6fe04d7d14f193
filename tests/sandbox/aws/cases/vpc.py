"""Contract cases of VPC endpoints and of the rules of security groups."""

from __future__ import annotations

import json

import pulumi_aws as aws

from .case import Case, Clients, Needs, Outputs
from .ec2 import subnet, vpc


def _policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _groups(name: str) -> Needs:
    network = vpc(f"{name}-vpc")
    made: Needs = {each: aws.ec2.SecurityGroup(f"{name}-{each}", vpc_id=network.id) for each in ("one", "two")}
    return {"vpc": network, **made}


def _endpoint_needs(name: str) -> Needs:
    made = _groups(name)
    return {**made, "subnets": [subnet(f"{name}-{index}", made["vpc"], index).id for index in range(2)]}


def _groups_and_prefixes(name: str) -> Needs:
    """The prefix list of S3 in the region is known from a gateway endpoint."""
    made = _groups(name)
    service = "com.amazonaws.eu-central-1.s3"
    return {**made, "s3": aws.ec2.VpcEndpoint(f"{name}-s3", vpc_id=made["vpc"].id, service_name=service)}


def _endpoints(boto: Clients) -> set[str]:
    return {each["VpcEndpointId"] for each in boto("ec2").describe_vpc_endpoints()["VpcEndpoints"]}


def _rules(boto: Clients) -> set[str]:
    rules = boto("ec2").describe_security_group_rules()["SecurityGroupRules"]
    return {each["SecurityGroupRuleId"] for each in rules}


def _open(boto: Clients, endpoint: Outputs) -> None:
    boto("ec2").modify_vpc_endpoint(VpcEndpointId=endpoint["id"], PolicyDocument=_policy("*"))


def _move(boto: Clients, rule: Outputs) -> None:
    wanted = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    sources = {"referencedSecurityGroupId": "ReferencedGroupId", "prefixListId": "PrefixListId"}
    wanted |= {member: rule[name] for name, member in sources.items() if rule.get(name)}
    update = {"SecurityGroupRuleId": rule["id"], "SecurityGroupRule": wanted}
    boto("ec2").modify_security_group_rules(GroupId=rule["securityGroupId"], SecurityGroupRules=[update])


CASES = (
    Case(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        needs=_endpoint_needs,
        inputs=lambda needs: {
            "vpc_id": needs["vpc"].id,
            "vpc_endpoint_type": "Interface",
            "service_name": "com.amazonaws.eu-central-1.kms",
            "subnet_ids": needs["subnets"][:1],
            "security_group_ids": [needs["one"].id],
            "policy": _policy("kms:Decrypt"),
            "tags": {"owner": "one"},
        },
        update=lambda needs: {
            "subnet_ids": needs["subnets"],
            "security_group_ids": [needs["two"].id],
            "private_dns_enabled": True,
            "dns_options": {"dns_record_ip_type": "dualstack"},
            "ip_address_type": "dualstack",
            "policy": _policy("kms:Encrypt"),
            "tags": {"team": "two"},
        },
        replace=lambda _: {"service_name": "com.amazonaws.eu-central-1.sts"},
        tamper=_open,
        tampered="policy",
        left=_endpoints,
    ),
    Case(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        needs=_groups,
        inputs=lambda needs: {
            "security_group_id": needs["one"].id,
            "cidr_ipv4": "10.20.0.0/16",
            "ip_protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "tags": {"owner": "one"},
        },
        update=lambda _: {"cidr_ipv4": "10.20.1.0/24", "description": "one zone", "tags": {"team": "two"}},
        # AWS exchanges a rule's source for another of the same kind only.
        replace=lambda needs: {"cidr_ipv4": None, "referenced_security_group_id": needs["two"].id},
        tamper=_move,
        tampered="toPort",
        left=_rules,
    ),
    Case(
        type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        needs=_groups_and_prefixes,
        inputs=lambda needs: {
            "security_group_id": needs["one"].id,
            "prefix_list_id": needs["s3"].prefix_list_id,
            "ip_protocol": "-1",
            "tags": {"owner": "one"},
        },
        update=lambda _: {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "tags": {"team": "two"}},
        replace=lambda needs: {"security_group_id": needs["two"].id},
        tamper=_move,
        tampered="toPort",
        left=_rules,
    ),
)
