"""VPCs, subnets, security groups and flow logs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import Properties, blocks, flag, given, number, text, texts

_GROUP = frozenset({"aws:ec2/securityGroup:SecurityGroup"})
_GROUP_RULES = frozenset(
    {
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    }
)
_DESCRIPTION = re.compile(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")


def _range(resource: PlannedResource) -> Iterator[Finding]:
    cidr = text(resource.properties, "cidrBlock")
    if cidr is None:
        return
    try:
        network = ipaddress.IPv4Network(cidr)
    except ValueError as error:
        yield Finding(property="cidrBlock", message=f"{cidr!r} is no range of IPv4 addresses: {error}")
        return
    if not 16 <= network.prefixlen <= 28:
        yield Finding(property="cidrBlock", message=f"{cidr} is a /{network.prefixlen}, and AWS takes /16 to /28")


def _names_in_vpc(resource: PlannedResource) -> Iterator[Finding]:
    for key, default in (("enableDnsSupport", True), ("enableDnsHostnames", False)):
        if flag(resource.properties, key, default=default) is False:
            yield Finding(property=key, message="interface endpoints with private DNS are refused in the VPC")


def _public_subnet(resource: PlannedResource) -> Iterator[Finding]:
    if flag(resource.properties, "mapPublicIpOnLaunch", default=False):
        yield Finding(property="mapPublicIpOnLaunch", message="what starts in the subnet gets a public address")


def _internet(resource: PlannedResource) -> Iterator[Finding]:
    yield from _open(resource.properties, "")
    for direction in ("ingress", "egress"):
        for path, rule in blocks(resource.properties, direction):
            yield from _open(rule, f"{path}.")


def _open(rule: Properties, path: str) -> Iterator[Finding]:
    for key in ("cidrIpv4", "cidrIpv6"):
        if _is_everything(text(rule, key)):
            yield Finding(property=f"{path}{key}", message=f"{text(rule, key)} is the whole Internet")
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        for cidr in texts(rule, key):
            if _is_everything(cidr):
                yield Finding(property=f"{path}{key}", message=f"{cidr} is the whole Internet")


def _is_everything(cidr: str | None) -> bool:
    return cidr is not None and cidr.endswith("/0")


_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _one_peer(resource: PlannedResource) -> Iterator[Finding]:
    peers = [key for key in _PEERS if given(resource.properties, key)]
    if len(peers) != 1:
        message = f"{' and '.join(peers) or 'no peer'}: a rule has exactly one of {', '.join(_PEERS)}"
        yield Finding(property=peers[0] if peers else _PEERS[-1], message=message)


def _ports(resource: PlannedResource) -> Iterator[Finding]:
    protocol = text(resource.properties, "ipProtocol")
    low, high = number(resource.properties, "fromPort"), number(resource.properties, "toPort")
    if protocol == "-1":
        if given(resource.properties, "fromPort") or given(resource.properties, "toPort"):
            yield Finding(property="fromPort", message="a rule for every protocol (-1) has no ports")
    elif protocol in ("tcp", "udp", "6", "17"):
        if not (given(resource.properties, "fromPort") and given(resource.properties, "toPort")):
            yield Finding(property="fromPort", message=f"a rule for {protocol} needs fromPort and toPort")
        elif low is not None and high is not None and not 0 <= low <= high <= 65_535:
            yield Finding(property="fromPort", message=f"{low:.0f} to {high:.0f} is no range of ports")


def _description(resource: PlannedResource) -> Iterator[Finding]:
    description = text(resource.properties, "description")
    if description is not None and not _DESCRIPTION.fullmatch(description):
        message = f"{description!r} is not at most 255 letters, digits, spaces or ._-:/()#,@[]+=&;{{}}!$*"
        yield Finding(property="description", message=message)


def _flow_log(resource: PlannedResource) -> Iterator[Finding]:
    interval = number(resource.properties, "maxAggregationInterval")
    if interval is not None and interval not in (60, 600):
        yield Finding(property="maxAggregationInterval", message=f"{interval:.0f} seconds, and AWS takes 60 or 600")
    kind = text(resource.properties, "logDestinationType")
    to_logs = kind == "cloud-watch-logs" or not given(resource.properties, "logDestinationType")
    if to_logs and not given(resource.properties, "iamRoleArn"):
        yield Finding(property="iamRoleArn", message="flow logs to CloudWatch Logs need a role that writes them")
    if kind == "s3" and given(resource.properties, "iamRoleArn"):
        yield Finding(property="iamRoleArn", message="flow logs to S3 are written by the service, without a role")


RULES = (
    Rule(
        id="vpc-range",
        title="A VPC or subnet is a /16 to a /28.",
        types=frozenset({"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"}),
        source="Amazon VPC User Guide, VPC CIDR blocks",
        remedy="choose a range of that size in the spec",
        check=_range,
    ),
    Rule(
        id="vpc-dns",
        title="A VPC resolves names and gives names to its hosts, which private DNS needs.",
        types=frozenset({"aws:ec2/vpc:Vpc"}),
        source="AWS PrivateLink Guide, Access an AWS service using an interface VPC endpoint",
        remedy="set enableDnsSupport and enableDnsHostnames to true",
        check=_names_in_vpc,
    ),
    Rule(
        id="subnet-public-address",
        title="No subnet gives public addresses.",
        types=frozenset({"aws:ec2/subnet:Subnet"}),
        source="Amazon VPC User Guide, Modify the IP addressing attributes of your subnet",
        remedy="set mapPublicIpOnLaunch to false",
        check=_public_subnet,
    ),
    Rule(
        id="security-group-internet",
        title="No security group lets the Internet in, or out to it.",
        types=_GROUP | _GROUP_RULES,
        source="Amazon VPC User Guide, Security group rules",
        remedy="name the security group or prefix list of the peer",
        check=_internet,
    ),
    Rule(
        id="security-group-peer",
        title="A rule of a security group has exactly one peer.",
        types=_GROUP_RULES,
        source="Amazon VPC User Guide, Security group rules",
        remedy="keep one of them, and make a rule of its own for each other",
        check=_one_peer,
    ),
    Rule(
        id="security-group-ports",
        title="A rule of a security group has the ports that its protocol has.",
        types=_GROUP_RULES,
        source="Amazon EC2 API Reference, IpPermission",
        remedy="write ports from 0 to 65535, or none for -1",
        check=_ports,
    ),
    Rule(
        id="security-group-description",
        title="The description of a security group or rule has AWS's characters, 255 at most.",
        types=_GROUP | _GROUP_RULES,
        source="Amazon EC2 API Reference, CreateSecurityGroup",
        remedy="leave out the other characters",
        check=_description,
    ),
    Rule(
        id="flow-log",
        title="A flow log aggregates over 60 or 600 seconds, and has a role where its destination needs one.",
        types=frozenset({"aws:ec2/flowLog:FlowLog"}),
        source="Amazon VPC User Guide, Flow log basics",
        remedy="correct the value",
        check=_flow_log,
    ),
)
