"""What planned or existing resources use of the quotas: counted from their properties, for any program's resources.

Sources: Amazon VPC User Guide, "Amazon VPC quotas" (a VPC brings its main route table and default security group;
rules are limited in each direction); AWS PrivateLink Guide, "Access an AWS service using an interface VPC endpoint" (a
network interface a subnet); SageMaker AI Developer Guide, "Give SageMaker AI Hosted Endpoints Access to Resources in
Your Amazon VPC" (a network interface an instance).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.evaluator.grammar.sizes import MANAGED_POLICY, size
from infra.evaluator.grammar.text import Unreadable, read
from infra.quotas.table import quotas

Properties = Mapping[str, Any]

_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"
_CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
_TARGET = "aws:appautoscaling/target:Target"

#: Where a plan does not know yet in which VPC or security group something will be: in one that the plan makes.
NEW = "new"
_MAKERS = {"vpc": "aws:ec2/vpc:Vpc", "security_group": "aws:ec2/securityGroup:SecurityGroup"}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What has a quota of its own.

    Args:
        quota: The quota's key.
        at: The VPC's id, the security group's with the direction (``sg-1 ingress``), the instance type or the document;
            empty for a quota of the account or Region.
    """

    quota: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.quota} of {self.at}" if self.at else self.quota


#: How much of each quota is used.
Counts = Mapping[Place, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A planned or existing resource.

    Args:
        type: The type token, for example ``aws:kms/key:Key``.
        name: Its name in its program.
        properties: What is known of it, by the provider's names; a value of another kind than expected is not known.
        id: The provider's id; None before it is deployed.
    """

    type: str
    name: str
    properties: Mapping[str, Any]
    id: str | None = None


def counted(resources: Iterable[Resource]) -> Counter[Place]:
    """What resources use of each quota.

    An endpoint counts with the most instances to which it may be scaled: a quota that only its minimum fits in would
    stop it under load. Of documents of one name the longest counts, as each has the quota for itself; a text that is
    not known yet is not counted. A plan does not tell in which of several new VPCs or groups something will be: what is
    in them counts as their average, which one of them holds at least.

    Args:
        resources: Planned or existing resources; components, providers and unknown types use nothing.
    """
    listed = list(resources)
    found: Counter[Place] = Counter()
    for resource in listed:
        for place, count in _COUNTERS.get(resource.type, _nothing)(resource):
            whole = quotas()[place.quota].per == "document"
            found[place] = max(found[place], count) if whole else found[place] + count
    for kind, count in _instances(listed):
        found[Place("endpoint_instances")] += count
        found[Place("endpoint_instances_of_type", kind)] += count
        found[Place("network_interfaces_per_region")] += count
    for place in [place for place in found if place.at.partition(" ")[0] == NEW]:
        maker = _MAKERS[quotas()[place.quota].per]
        makers = sum(1 for each in listed if each.type == maker and each.id is None)
        found[place] = -(-found[place] // max(1, makers))
    return found


def added(before: Counts, after: Counts) -> Counter[Place]:
    """What a change uses more of each quota.

    A document has the quota for itself, so that it counts with its whole size.

    Args:
        before: What the stack uses as it is deployed.
        after: What it would use.
    """
    more = {
        place: count if quotas()[place.quota].per == "document" else count - before.get(place, 0)
        for place, count in after.items()
    }
    return Counter({place: count for place, count in more.items() if count > 0})


_Counter = Callable[[Resource], Iterator[tuple[Place, int]]]


def _nothing(_: Resource) -> Iterator[tuple[Place, int]]:
    yield from ()


def _one(quota: str) -> _Counter:
    def count(_: Resource) -> Iterator[tuple[Place, int]]:
        yield Place(quota), 1

    return count


def _in_vpc(quota: str) -> _Counter:
    def count(resource: Resource) -> Iterator[tuple[Place, int]]:
        yield Place(quota, _text(resource.properties, "vpcId")), 1

    return count


def _vpc(resource: Resource) -> Iterator[tuple[Place, int]]:
    yield Place("vpcs_per_region"), 1
    yield Place("security_groups_per_region"), 1
    yield Place("route_tables_per_vpc", resource.id or NEW), 1


def _vpc_endpoint(resource: Resource) -> Iterator[tuple[Place, int]]:
    kind = resource.properties.get("vpcEndpointType") or "Gateway"
    if kind == "Gateway":
        yield Place("gateway_endpoints_per_region"), 1
    elif kind == "Interface":
        yield Place("interface_endpoints_per_vpc", _text(resource.properties, "vpcId")), 1
        yield Place("network_interfaces_per_region"), max(1, len(_listed(resource.properties.get("subnetIds"))))


def _rule(direction: str) -> _Counter:
    def count(resource: Resource) -> Iterator[tuple[Place, int]]:
        yield Place("rules_per_security_group", f"{_text(resource.properties, 'securityGroupId')} {direction}"), 1

    return count


def _managed_policy(resource: Resource) -> Iterator[tuple[Place, int]]:
    yield Place("iam_policies"), 1
    try:
        document = read(resource.properties.get("policy"))
    except Unreadable:
        # Not known yet, or no policy, which is found by its grammar.
        return
    yield Place("managed_policy_characters", resource.name), size(document, MANAGED_POLICY.counted)


_COUNTERS: Mapping[str, _Counter] = {
    "aws:iam/role:Role": _one("iam_roles"),
    "aws:iam/policy:Policy": _managed_policy,
    "aws:s3/bucket:Bucket": _one("buckets"),
    "aws:budgets/budget:Budget": _one("budgets"),
    "aws:kms/key:Key": _one("kms_keys"),
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _vpc_endpoint,
    "aws:ec2/subnet:Subnet": _in_vpc("subnets_per_vpc"),
    "aws:ec2/routeTable:RouteTable": _in_vpc("route_tables_per_vpc"),
    "aws:ec2/securityGroup:SecurityGroup": _one("security_groups_per_region"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:cloudwatch/logGroup:LogGroup": _one("log_groups"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _one("alarms"),
    "aws:ecr/repository:Repository": _one("ecr_repositories"),
    "aws:sns/topic:Topic": _one("sns_topics"),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _one("model_package_groups"),
}


def _instances(resources: list[Resource]) -> Iterator[tuple[str, int]]:
    """The instances of endpoints by their type, at most."""
    configurations = [each for each in resources if each.type == _CONFIGURATION]
    most = {
        each.properties.get("resourceId"): each.properties.get("maxCapacity")
        for each in resources
        if each.type == _TARGET
    }
    for endpoint in (each for each in resources if each.type == _ENDPOINT):
        wanted, name = endpoint.properties.get("endpointConfigName"), endpoint.properties.get("name")
        # At preview the name is not known yet: the program calls an endpoint and its configuration the same.
        used = [each for each in configurations if each.properties.get("name") == wanted and isinstance(wanted, str)]
        used = used or [each for each in configurations if each.name == endpoint.name]
        for variant in _listed(used[0].properties.get("productionVariants")) if used else []:
            said = cast("Properties", variant if isinstance(variant, Mapping) else {})
            kind, count = said.get("instanceType"), said.get("initialInstanceCount")
            limit = most.get(f"endpoint/{name}/variant/{said.get('variantName')}")
            counts = [int(each) for each in (count, limit) if isinstance(each, int | float)]
            if isinstance(kind, str) and counts:
                yield kind, max(counts)


def _text(properties: Properties, key: str) -> str:
    value = properties.get(key)
    return value if isinstance(value, str) and value else NEW


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
