"""What the networks of a stack must have together, and what AWS refuses of them together.

Sources: AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint", "Gateway endpoints" and "AWS
PrivateLink quotas"; AWS Security Hub User Guide, "Security Hub CSPM controls for Amazon EC2".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from infra.constraints.values import flag, text, texts
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules.parts import of_type, parts_of

_VPC, _ENDPOINT = "aws:ec2/vpc:Vpc", "aws:ec2/vpcEndpoint:VpcEndpoint"
#: Quotas that can be raised; the rule's configuration says to what.
_INTERFACES, _GATEWAYS = 50, 20

Found = Iterator[tuple[StackResource, Finding]]


def _places(endpoint: StackResource, key: str) -> list[str]:
    """What a property of an endpoint names: ids where they are known, else where they come from."""
    known = texts(endpoint.properties, key) or list(filter(None, [text(endpoint.properties, key)]))
    return known or list(endpoint.leads_to.get(key, ()))


def _is_gateway(endpoint: StackResource) -> bool:
    return endpoint.properties.get("vpcEndpointType", "Gateway") == "Gateway"


def _private_names(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    first: dict[tuple[str, str], StackResource] = {}
    for endpoint in of_type(stack, _ENDPOINT):
        service = text(endpoint.properties, "serviceName")
        if (
            _is_gateway(endpoint)
            or service is None
            or not flag(endpoint.properties, "privateDnsEnabled", default=False)
        ):
            continue
        for vpc in _places(endpoint, "vpcId"):
            other = first.setdefault((vpc, service), endpoint)
            if other is not endpoint:
                message = f'{other.name} has the private names of {service} there: AWS says "conflicting DNS domain"'
                yield endpoint, Finding(property="privateDnsEnabled", message=message)


def _one_gateway(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    first: dict[tuple[str, str], StackResource] = {}
    for endpoint in of_type(stack, _ENDPOINT):
        service = text(endpoint.properties, "serviceName")
        if not _is_gateway(endpoint) or service is None:
            continue
        for table in _places(endpoint, "routeTableIds"):
            other = first.setdefault((table, service), endpoint)
            if other is not endpoint:
                message = f"{table} leads to {service} through {other.name} already"
                yield endpoint, Finding(property="routeTableIds", message=message)


def _quotas(stack: Sequence[StackResource], expected: Expectations) -> Found:
    interfaces: dict[str, list[StackResource]] = defaultdict(list)
    gateways: list[StackResource] = []
    for endpoint in of_type(stack, _ENDPOINT):
        if _is_gateway(endpoint):
            gateways.append(endpoint)
        else:
            for vpc in _places(endpoint, "vpcId"):
                interfaces[vpc].append(endpoint)
    most = int(expected.settings.get("interfacesPerVpc", _INTERFACES))
    for vpc, endpoints in interfaces.items():
        if len(endpoints) > most:
            message = f"{len(endpoints)} interface endpoints in {vpc}, and AWS takes {most}"
            yield endpoints[most], Finding(property="vpcId", message=message)
    most = int(expected.settings.get("gatewaysPerRegion", _GATEWAYS))
    if len(gateways) > most:
        message = f"{len(gateways)} gateway endpoints in the Region, and AWS takes {most}"
        yield gateways[most], Finding(property="vpcEndpointType", message=message)


def _flow_logs(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    for vpc in of_type(stack, _VPC):
        if parts_of(stack, "aws:ec2/flowLog:FlowLog", "vpcId", vpc, "id") == []:
            yield vpc, Finding(property="", message="what passes through it is not recorded")


def _default_groups(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    for vpc in of_type(stack, _VPC):
        if parts_of(stack, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId", vpc, "id") == []:
            yield vpc, Finding(property="", message="its default security group lets its members reach each other")


_ENDPOINTS = "AWS PrivateLink Guide, Access an AWS service using an interface VPC endpoint"
_EC2 = "AWS Security Hub User Guide, Security Hub CSPM controls for Amazon EC2"

RULES = (
    Rule(
        id="vpc-endpoint-names",
        title="One interface endpoint a service and VPC has private DNS.",
        source=_ENDPOINTS,
        remedy="turn privateDnsEnabled off, and give the workloads the endpoint's own name",
        stack=_private_names,
    ),
    Rule(
        id="vpc-endpoint-one-gateway",
        title="A route table leads to one gateway endpoint a service.",
        source="AWS PrivateLink Guide, Gateway endpoints",
        remedy="give the endpoint a route table of its own",
        stack=_one_gateway,
    ),
    Rule(
        id="vpc-endpoint-quotas",
        title="A VPC has at most 50 interface endpoints, and a Region 20 gateway endpoints.",
        source="AWS PrivateLink Guide, AWS PrivateLink quotas",
        remedy="share endpoints, or have AWS raise the quota and configure the rule",
        stack=_quotas,
        schema={
            key: {"type": "integer", "minimum": 1, "default": most, "description": f"The account's quota, {what}."}
            for key, most, what in (
                ("interfacesPerVpc", _INTERFACES, "interface endpoints a VPC"),
                ("gatewaysPerRegion", _GATEWAYS, "gateway endpoints a Region"),
            )
        },
    ),
    Rule(
        id="vpc-flow-logs",
        title="Every VPC has a flow log.",
        source=_EC2,
        remedy="add a FlowLog",
        stack=_flow_logs,
        level=Level.ADVISORY,
        levels={Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY},
        standards=("EC2.6",),
    ),
    Rule(
        id="vpc-default-security-group",
        title="The default security group of every VPC is emptied.",
        source=_EC2,
        remedy="add a DefaultSecurityGroup without rules",
        stack=_default_groups,
        standards=("EC2.2",),
    ),
)
