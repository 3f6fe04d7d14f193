"""Routes and older kinds of rules to and from everywhere, beside those that `infra.constraints` finds."""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.values import blocks, count, text, texts
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule

_DESTINATIONS = ("cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock")
_GATEWAYS = frozenset(
    {
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        "aws:ec2/natGateway:NatGateway",
    }
)
_TABLES = frozenset(
    {"aws:ec2/route:Route", "aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable"}
)


def _internet(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    if resource.type in _GATEWAYS:
        yield Finding(property="", message="it leads to the Internet, past the VPC endpoints and their policies")
    for path, route in (("", resource.properties), *blocks(resource.properties, "routes")):
        for key in _DESTINATIONS:
            cidr = text(route, key)
            if cidr is not None and cidr.endswith("/0"):
                place = f"{path}.{key}".removeprefix(".")
                yield Finding(
                    property=place, message=f"{cidr} leads everywhere, past the VPC endpoints and their policies"
                )


def _older_rule(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        for cidr in texts(resource.properties, key):
            if cidr.endswith("/0"):
                yield Finding(property=key, message=f"{cidr} is the whole Internet")


def _default_group(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del expected
    for key in ("ingress", "egress"):
        if count(resource.properties, key):
            yield Finding(property=key, message="what names no security group gets this one, and its rules")


def _peering(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    del resource, expected
    yield Finding(property="", message="it joins networks that are apart so that tenants are")


RULES = (
    Rule(
        id="network-internet",
        title="No network has a way to the Internet.",
        source="Amazon SageMaker AI Developer Guide, Connect to resources from within a VPC",
        remedy="reach services of AWS through VPC endpoints, whose policies say what may pass",
        types=_GATEWAYS | _TABLES,
        resource=_internet,
    ),
    Rule(
        id="security-group-rule-internet",
        title="No rule of a security group, in the older form, is for the whole Internet.",
        source="Amazon VPC User Guide, Security group rules",
        remedy="name the security group or prefix list of the peer",
        types=frozenset({"aws:ec2/securityGroupRule:SecurityGroupRule"}),
        resource=_older_rule,
        standards=("EC2.18", "EC2.19"),
    ),
    Rule(
        id="default-security-group",
        title="The default security group of a VPC lets nothing through.",
        source="AWS Security Hub User Guide, Security Hub CSPM controls for Amazon EC2",
        remedy="give it no rules",
        types=frozenset({"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"}),
        resource=_default_group,
        standards=("EC2.2",),
    ),
    Rule(
        id="network-peering",
        title="Networks are not peered.",
        source="Amazon VPC User Guide, Connect VPCs using VPC peering",
        remedy="reach the other side through an endpoint service, whose policy says who may",
        types=frozenset({"aws:ec2/vpcPeeringConnection:VpcPeeringConnection"}),
        resource=_peering,
    ),
)
