"""VPC endpoints: what each kind takes, who may pass, and private DNS in a VPC that tenants share."""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Check, Finding, Rule
from infra.constraints.values import flag, given, text

_ENDPOINT = frozenset({"aws:ec2/vpcEndpoint:VpcEndpoint"})
_INTERFACE_ONLY = ("subnetIds", "securityGroupIds")
#: The services that have gateway endpoints; each gateway endpoint serves its own Region only.
_GATEWAY_SERVICES = ("s3", "dynamodb")


def _kind(resource: PlannedResource) -> Iterator[Finding]:
    kind = (
        "Gateway" if not given(resource.properties, "vpcEndpointType") else text(resource.properties, "vpcEndpointType")
    )
    service = text(resource.properties, "serviceName")
    if kind == "Gateway":
        for key in _INTERFACE_ONLY:
            if given(resource.properties, key):
                yield Finding(
                    property=key, message="a gateway endpoint is a route: it has no subnets or security groups"
                )
        if flag(resource.properties, "privateDnsEnabled", default=False):
            yield Finding(property="privateDnsEnabled", message="a gateway endpoint has no private DNS")
        if service is not None and not service.endswith(tuple(f".{name}" for name in _GATEWAY_SERVICES)):
            yield Finding(property="serviceName", message=f"{service} has no gateway endpoint")
    elif kind == "Interface":
        if given(resource.properties, "routeTableIds"):
            yield Finding(
                property="routeTableIds", message="an interface endpoint is in subnets: it has no route tables"
            )
        for key in _INTERFACE_ONLY:
            if not given(resource.properties, key):
                yield Finding(property=key, message="an interface endpoint needs it, or lands in AWS's default")


def _policy(resource: PlannedResource) -> Iterator[Finding]:
    if not given(resource.properties, "policy"):
        yield Finding(
            property="policy", message="without a policy everybody reaches every account through the endpoint"
        )


def _shared_private_dns(resource: PlannedResource) -> Iterator[Finding]:
    vpc = text(resource.properties, "vpcId")
    if vpc in resource.shared_vpcs and flag(resource.properties, "privateDnsEnabled", default=False):
        message = f"{vpc} is shared, and one endpoint a service and VPC may have it: the next one fails with"
        yield Finding(property="privateDnsEnabled", message=f'{message} "conflicting DNS domain"')


def _rule(name: str, title: str, source: str, remedy: str, check: Check) -> Rule:
    return Rule(id=name, title=title, types=_ENDPOINT, source=source, remedy=remedy, check=check)


RULES = (
    _rule(
        "vpc-endpoint-kind",
        "Gateway endpoints have route tables, interface endpoints subnets and security groups.",
        "Amazon EC2 API Reference, CreateVpcEndpoint",
        "keep the arguments of the endpoint's own kind",
        _kind,
    ),
    _rule(
        "vpc-endpoint-policy",
        "Every endpoint has a policy.",
        "AWS PrivateLink Guide, Control access to VPC endpoints using endpoint policies",
        "give it a policy of infra.policies.endpoint",
        _policy,
    ),
    _rule(
        "vpc-endpoint-private-dns",
        "A tenant's own endpoint in a shared VPC has private DNS off.",
        "AWS PrivateLink Guide, Access an AWS service using an interface VPC endpoint",
        "turn it off, and give the workloads AWS_ENDPOINT_URL_<SERVICE> with the endpoint's own name",
        _shared_private_dns,
    ),
)
