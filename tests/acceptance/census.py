"""Counts everything in the embedded cloud, type by type, so that it can be compared with state and with itself.

Read by boto3 alone: neither the provider under test nor its tables are asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from botocore.exceptions import ClientError

from infra.sandbox.account import ACCOUNT


class Client(Protocol):
    """Makes the boto3 client of a service, with the account's own key or as the role that provisions tenants."""

    def __call__(self, service: str, *, provisioning: bool = False) -> Any: ...


Item = Mapping[str, Any]

#: Type token -> physical id -> all that AWS says of it, as JSON.
Census = Mapping[str, Mapping[str, str]]

#: A read of one part of a resource: its operation, and the request made from the resource's item.
Read = tuple[str, Callable[[Item], Mapping[str, Any]]]

_PASSING = frozenset({"ResponseMetadata", "lastEvaluatedAt", "RoleLastUsed"})


def _always(_client: Client, _item: Item) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How all resources of one type are listed.

    Args:
        service: boto3's name of the service.
        lists: The operation that lists them.
        at: The list in its answer.
        id: An item's physical id, as the engine's state has it.
        parameters: Of the list operation.
        reads: Further parts of a resource, which are resources of their own in the state or its settings.
        here: Whether an item still counts.
        closed: Whether an item's parts are closed to the account's own key.
    """

    service: str
    lists: str
    at: str
    id: Callable[[Item], str]
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reads: tuple[Read, ...] = ()
    here: Callable[[Client, Item], bool] = _always
    closed: Callable[[Item], bool] = lambda _: False


def take(client: Client, *, parts: bool = False) -> Census:
    """Count everything.

    Args:
        client: Makes the boto3 client of a service.
        parts: Read each resource's parts as well, not only the list that it is in.
    """
    return {token: _all(client, kind, parts=parts) for token, kind in KINDS.items()}


def ids(census: Census) -> set[tuple[str, str]]:
    """What there is, as pairs of type token and physical id."""
    return {(token, physical) for token, found in census.items() for physical in found}


def default_network(client: Client) -> set[tuple[str, str]]:
    """The Region's default VPC and what came with it, as `ids` has them."""
    ec2 = client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    of_it = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    groups = [each["GroupId"] for each in ec2.describe_security_groups(Filters=of_it)["SecurityGroups"]]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": groups}])["SecurityGroupRules"]
    found = {("aws:ec2/vpc:Vpc", vpc["VpcId"])}
    found |= {("aws:ec2/subnet:Subnet", each["SubnetId"]) for each in ec2.describe_subnets(Filters=of_it)["Subnets"]}
    for rule in rules:
        side = "Egress" if rule["IsEgress"] else "Ingress"
        found.add((f"aws:vpc/securityGroup{side}Rule:SecurityGroup{side}Rule", rule["SecurityGroupRuleId"]))
    return found


def lines(census: Census) -> dict[tuple[str, str], str]:
    """All that AWS says of each resource."""
    return {(token, physical): text for token, found in census.items() for physical, text in found.items()}


def differences(
    before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]
) -> dict[tuple[str, str], tuple[str, str]]:
    """What AWS says otherwise than before, of what is there no more, still, or since."""
    both = {each: (before.get(each, "nothing"), after.get(each, "nothing")) for each in {*before, *after}}
    return {each: (old, new) for each, (old, new) in both.items() if old != new}


def _all(client: Client, kind: Kind, *, parts: bool) -> dict[str, str]:
    made = client(kind.service)
    items = [item for item in _pages(made, kind.lists, kind.at, kind.parameters) if kind.here(client, item)]
    found = {
        kind.id(item): _text(_reader(client, kind, item) if parts else made, kind.reads if parts else (), item)
        for item in items
    }
    assert len(found) == len(items), f"{kind.lists} lists an id twice"
    return found


def _reader(client: Client, kind: Kind, item: Item) -> Any:
    return client(kind.service, provisioning=kind.closed(item))


def _pages(client: Any, operation: str, at: str, parameters: Mapping[str, Any]) -> Iterable[Any]:
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page.get(at, [])
    else:
        yield from getattr(client, operation)(**parameters).get(at, [])


def _text(client: Any, reads: Iterable[Read], item: Item) -> str:
    parts: list[Any] = [item]
    for operation, request in reads:
        try:
            answer = getattr(client, operation)(**request(item))
        except ClientError as error:
            answer = {"Error": error.response.get("Error", {}).get("Code")}
        parts.append({operation: answer})
    return json.dumps(_lasting(parts), default=str, sort_keys=True)


def _lasting(value: Any) -> Any:
    """An answer without what every request or use of a thing changes."""
    if isinstance(value, list):
        return [_lasting(each) for each in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    members = cast("dict[str, Any]", value).items()
    return {name: _lasting(each) for name, each in members if name not in _PASSING}


def _member(name: str) -> Callable[[Item], str]:
    return lambda item: str(item[name])


def _same(*operations: str, **members: str) -> tuple[Read, ...]:
    """Reads with the same request, whose members are taken from the item."""

    def request(item: Item) -> Mapping[str, Any]:
        return {member: item[name] for member, name in members.items()}

    return tuple((operation, request) for operation in operations)


def _is_alive(client: Client, key: Item) -> bool:
    metadata = client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    return metadata["KeyState"] != "PendingDeletion" and metadata["KeyManager"] == "CUSTOMER"


def _is_made(_client: Client, item: Item) -> bool:
    """Main route tables and default security groups come and go with their VPC."""
    return item.get("GroupName") != "default" and not any(each.get("Main") for each in item.get("Associations", ()))


def _is_a_tenants(bucket: Item) -> bool:
    """The policies of tenants' buckets let nobody else in but the platform's roles."""
    return bucket["Name"].startswith("bh-") and "-platform-" not in bucket["Name"]


def _is_egress(_client: Client, rule: Item) -> bool:
    return rule["IsEgress"]


def _is_ingress(_client: Client, rule: Item) -> bool:
    return not rule["IsEgress"]


KINDS: Mapping[str, Kind] = {
    "aws:kms/key:Key": Kind(
        service="kms", lists="list_keys", at="Keys", id=_member("KeyId"), here=_is_alive,
        reads=(
            ("get_key_policy", lambda key: {"KeyId": key["KeyId"], "PolicyName": "default"}),
            *_same(
                "describe_key", "get_key_rotation_status", "list_resource_tags", "list_grants", KeyId="KeyId"
            ),
        ),
    ),
    "aws:kms/alias:Alias": Kind(service="kms", lists="list_aliases", at="Aliases", id=_member("AliasName")),
    "aws:s3/bucket:Bucket": Kind(
        service="s3", lists="list_buckets", at="Buckets", id=_member("Name"),
        reads=_same(
            "get_bucket_policy", "get_bucket_encryption", "get_bucket_versioning", "get_bucket_lifecycle_configuration",
            "get_bucket_logging", "get_bucket_ownership_controls", "get_public_access_block", "get_bucket_tagging",
            "get_object_lock_configuration", Bucket="Name",
        ),
        closed=_is_a_tenants,
    ),
    "aws:iam/role:Role": Kind(
        service="iam", lists="list_roles", at="Roles", id=_member("RoleName"),
        reads=(
            ("get_role_policy", lambda role: {"RoleName": role["RoleName"], "PolicyName": "access"}),
            *_same(
                "get_role", "list_role_policies", "list_attached_role_policies", "list_role_tags", RoleName="RoleName"
            ),
        ),
    ),
    "aws:iam/policy:Policy": Kind(
        service="iam", lists="list_policies", at="Policies", id=_member("Arn"), parameters={"Scope": "Local"},
        reads=_same("get_policy_version", PolicyArn="Arn", VersionId="DefaultVersionId"),
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        service="iam", lists="list_open_id_connect_providers", at="OpenIDConnectProviderList", id=_member("Arn")
    ),
    "aws:iam/samlProvider:SamlProvider": Kind(
        service="iam", lists="list_saml_providers", at="SAMLProviderList", id=_member("Arn")
    ),
    "aws:ec2/vpc:Vpc": Kind(service="ec2", lists="describe_vpcs", at="Vpcs", id=_member("VpcId")),
    "aws:ec2/subnet:Subnet": Kind(service="ec2", lists="describe_subnets", at="Subnets", id=_member("SubnetId")),
    "aws:ec2/routeTable:RouteTable": Kind(
        service="ec2", lists="describe_route_tables", at="RouteTables", id=_member("RouteTableId"), here=_is_made
    ),
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        service="ec2", lists="describe_security_groups", at="SecurityGroups", id=_member("GroupId"),
        here=_is_made,
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Kind(
        service="ec2", lists="describe_security_group_rules", at="SecurityGroupRules",
        id=_member("SecurityGroupRuleId"), here=_is_egress,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Kind(
        service="ec2", lists="describe_security_group_rules", at="SecurityGroupRules",
        id=_member("SecurityGroupRuleId"), here=_is_ingress,
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        service="ec2", lists="describe_vpc_endpoints", at="VpcEndpoints", id=_member("VpcEndpointId")
    ),
    "aws:ec2/flowLog:FlowLog": Kind(service="ec2", lists="describe_flow_logs", at="FlowLogs", id=_member("FlowLogId")),
    "aws:ecr/repository:Repository": Kind(
        service="ecr", lists="describe_repositories", at="repositories", id=_member("repositoryName"),
        reads=_same("get_repository_policy", "get_lifecycle_policy", repositoryName="repositoryName"),
    ),
    "aws:sagemaker/model:Model": Kind(
        service="sagemaker", lists="list_models", at="Models", id=_member("ModelName"),
        reads=_same("describe_model", ModelName="ModelName"),
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": Kind(
        service="sagemaker", lists="list_endpoint_configs", at="EndpointConfigs", id=_member("EndpointConfigName"),
        reads=_same("describe_endpoint_config", EndpointConfigName="EndpointConfigName"),
    ),
    "aws:sagemaker/endpoint:Endpoint": Kind(
        service="sagemaker", lists="list_endpoints", at="Endpoints", id=_member("EndpointName"),
        reads=_same("describe_endpoint", EndpointName="EndpointName"),
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": Kind(
        service="sagemaker", lists="list_model_package_groups", at="ModelPackageGroupSummaryList",
        id=_member("ModelPackageGroupName"),
        reads=_same("get_model_package_group_policy", ModelPackageGroupName="ModelPackageGroupName"),
    ),
    "aws:appautoscaling/target:Target": Kind(
        service="application-autoscaling", lists="describe_scalable_targets", at="ScalableTargets",
        id=_member("ResourceId"), parameters={"ServiceNamespace": "sagemaker"},
    ),
    "aws:appautoscaling/policy:Policy": Kind(
        service="application-autoscaling", lists="describe_scaling_policies", at="ScalingPolicies",
        id=_member("PolicyName"), parameters={"ServiceNamespace": "sagemaker"},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Kind(
        service="logs", lists="describe_log_groups", at="logGroups", id=_member("logGroupName")
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        service="cloudwatch", lists="describe_alarms", at="MetricAlarms", id=_member("AlarmName")
    ),
    "aws:sns/topic:Topic": Kind(
        service="sns", lists="list_topics", at="Topics", id=_member("TopicArn"),
        reads=_same("get_topic_attributes", TopicArn="TopicArn"),
    ),
    "aws:sns/topicSubscription:TopicSubscription": Kind(
        service="sns", lists="list_subscriptions", at="Subscriptions", id=_member("SubscriptionArn")
    ),
    "aws:budgets/budget:Budget": Kind(
        service="budgets", lists="describe_budgets", at="Budgets",
        id=lambda budget: f"{ACCOUNT}:{budget['BudgetName']}", parameters={"AccountId": ACCOUNT},
    ),
    "aws:cloudtrail/trail:Trail": Kind(
        service="cloudtrail", lists="describe_trails", at="trailList", id=_member("TrailARN")
    ),
    "aws:cfg/recorder:Recorder": Kind(
        service="config", lists="describe_configuration_recorders", at="ConfigurationRecorders", id=_member("name")
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Kind(
        service="config", lists="describe_delivery_channels", at="DeliveryChannels", id=_member("name")
    ),
    "aws:cfg/rule:Rule": Kind(
        service="config", lists="describe_config_rules", at="ConfigRules", id=_member("ConfigRuleName")
    ),
    "aws:guardduty/detector:Detector": Kind(
        service="guardduty", lists="list_detectors", at="DetectorIds", id=str
    ),
}  # fmt: skip
