"""What an account uses of the quotas now, counted by reads of its resources, whoever made them.

A read that is denied leaves its quotas not known, which a check says: nothing counts as unused because it was hidden.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from infra.live import Account
from infra.live.account import Absent, Unread
from infra.quotas.counting import Place
from infra.quotas.present import Present

_GONE = frozenset({"deleted", "deleting", "failed", "rejected", "expired"})


@dataclass(frozen=True, kw_only=True)
class _Read:
    """One read.

    Args:
        quotas: The keys of the quotas whose use it tells.
        actions: The IAM actions that it needs.
        count: Makes it.
    """

    quotas: tuple[str, ...]
    actions: tuple[str, ...]
    count: Callable[[Account], Iterator[tuple[Place, int]]]


def read_present(account: Account, *, workers: int = 8) -> Present:
    """Count what an account has.

    Args:
        account: The account in the platform's Region.
        workers: How many reads run at the same time.

    Raises:
        UserError: The credentials are not valid.
    """
    counts: Counter[Place] = Counter()
    unread: dict[str, str] = {}
    with ThreadPoolExecutor(workers) as pool:
        for read, (found, why) in zip(READS, pool.map(partial(_made, account), READS), strict=True):
            for place, count in found:
                counts[place] += count
            if why:
                needs = f" (it needs {', '.join(read.actions)})"
                unread |= dict.fromkeys(read.quotas, why + needs)
    return Present(counts, unread)


def _made(account: Account, read: _Read) -> tuple[list[tuple[Place, int]], str]:
    try:
        return list(read.count(account)), ""
    except (Absent, Unread) as problem:
        return [], str(problem)


def _summary(account: Account) -> Iterator[tuple[Place, int]]:
    said = account.read("iam", "get_account_summary")["SummaryMap"]
    yield Place("iam_roles"), int(said["Roles"])
    yield Place("iam_policies"), int(said["Policies"])


def _budgets(account: Account) -> Iterator[tuple[Place, int]]:
    yield Place("budgets"), len(account.read("budgets", "describe_budgets", AccountId=account.id).get("Budgets", []))


def _keys(account: Account) -> Iterator[tuple[Place, int]]:
    """Keys that AWS manages do not count; each has an alias that begins with ``alias/aws/``."""
    keys = {each["KeyId"] for each in account.read("kms", "list_keys")["Keys"]}
    aliases: list[Any] = account.read("kms", "list_aliases")["Aliases"]
    keys -= {each.get("TargetKeyId") for each in aliases if each["AliasName"].startswith("alias/aws/")}
    yield Place("kms_keys"), len(keys)


def _vpc_endpoints(account: Account) -> Iterator[tuple[Place, int]]:
    for each in account.read("ec2", "describe_vpc_endpoints")["VpcEndpoints"]:
        if str(each.get("State")).lower() in _GONE:
            continue
        if each["VpcEndpointType"] == "Gateway":
            yield Place("gateway_endpoints_per_region"), 1
        elif each["VpcEndpointType"] == "Interface":
            yield Place("interface_endpoints_per_vpc", each["VpcId"]), 1


def _rules(account: Account) -> Iterator[tuple[Place, int]]:
    for each in account.read("ec2", "describe_security_group_rules")["SecurityGroupRules"]:
        direction = "egress" if each["IsEgress"] else "ingress"
        yield Place("rules_per_security_group", f"{each['GroupId']} {direction}"), 1


def _by_vpc(quota: str, operation: str, at: str) -> Callable[[Account], Iterator[tuple[Place, int]]]:
    def count(account: Account) -> Iterator[tuple[Place, int]]:
        for each in account.read("ec2", operation)[at]:
            yield Place(quota, each["VpcId"]), 1

    return count


def _endpoints(account: Account) -> Iterator[tuple[Place, int]]:
    """Instances of endpoints, at most: as many as they have, or may be scaled to."""
    targets: list[Any] = account.read(
        "application-autoscaling", "describe_scalable_targets", ServiceNamespace="sagemaker"
    )["ScalableTargets"]
    most = {each["ResourceId"]: int(each["MaxCapacity"]) for each in targets}
    for listed in account.read("sagemaker", "list_endpoints")["Endpoints"]:
        try:
            yield from _of_endpoint(account, listed["EndpointName"], most)
        except Absent:
            # It was deleted after it was listed.
            continue


def _of_endpoint(account: Account, name: str, most: Mapping[str, int]) -> Iterator[tuple[Place, int]]:
    endpoint = account.read("sagemaker", "describe_endpoint", EndpointName=name)
    configuration = account.read(
        "sagemaker", "describe_endpoint_config", EndpointConfigName=endpoint["EndpointConfigName"]
    )
    running = {
        each["VariantName"]: int(each.get("CurrentInstanceCount") or 0)
        for each in endpoint.get("ProductionVariants") or ()
    }
    for variant in configuration["ProductionVariants"]:
        if "InstanceType" not in variant:
            continue
        called = variant["VariantName"]
        counts = int(variant.get("InitialInstanceCount") or 0), running.get(called, 0)
        count = max(*counts, most.get(f"endpoint/{name}/variant/{called}", 0))
        yield Place("endpoint_instances"), count
        yield Place("endpoint_instances_of_type", variant["InstanceType"]), count


def _listing(quota: str, service: str, operation: str, action: str, *members: str, **parameters: Any) -> _Read:
    """A read whose lists hold what the quota counts, one entry each."""

    def count(account: Account) -> Iterator[tuple[Place, int]]:
        answer = account.read(service, operation, **parameters)
        yield Place(quota), sum(len(answer.get(member) or ()) for member in members)

    return _Read(quotas=(quota,), actions=(action,), count=count)


#: Every read of the use of quotas.
READS: tuple[_Read, ...] = (
    _Read(quotas=("iam_roles", "iam_policies"), actions=("iam:GetAccountSummary",), count=_summary),
    _Read(quotas=("budgets",), actions=("budgets:ViewBudget",), count=_budgets),
    _Read(quotas=("kms_keys",), actions=("kms:ListKeys", "kms:ListAliases"), count=_keys),
    _Read(
        quotas=("gateway_endpoints_per_region", "interface_endpoints_per_vpc"),
        actions=("ec2:DescribeVpcEndpoints",),
        count=_vpc_endpoints,
    ),
    _Read(quotas=("rules_per_security_group",), actions=("ec2:DescribeSecurityGroupRules",), count=_rules),
    _Read(
        quotas=("subnets_per_vpc",),
        actions=("ec2:DescribeSubnets",),
        count=_by_vpc("subnets_per_vpc", "describe_subnets", "Subnets"),
    ),
    _Read(
        quotas=("route_tables_per_vpc",),
        actions=("ec2:DescribeRouteTables",),
        count=_by_vpc("route_tables_per_vpc", "describe_route_tables", "RouteTables"),
    ),
    _Read(
        quotas=("endpoint_instances", "endpoint_instances_of_type"),
        actions=(
            "sagemaker:ListEndpoints",
            "sagemaker:DescribeEndpoint",
            "sagemaker:DescribeEndpointConfig",
            "application-autoscaling:DescribeScalableTargets",
        ),
        count=_endpoints,
    ),
    _listing("buckets", "s3", "list_buckets", "s3:ListAllMyBuckets", "Buckets"),
    _listing("vpcs_per_region", "ec2", "describe_vpcs", "ec2:DescribeVpcs", "Vpcs"),
    _listing(
        "security_groups_per_region", "ec2", "describe_security_groups", "ec2:DescribeSecurityGroups", "SecurityGroups"
    ),
    _listing(
        "network_interfaces_per_region",
        "ec2",
        "describe_network_interfaces",
        "ec2:DescribeNetworkInterfaces",
        "NetworkInterfaces",
    ),
    _listing("log_groups", "logs", "describe_log_groups", "logs:DescribeLogGroups", "logGroups"),
    _listing(
        "alarms", "cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms", "MetricAlarms", "CompositeAlarms",
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
    ),
    _listing("ecr_repositories", "ecr", "describe_repositories", "ecr:DescribeRepositories", "repositories"),
    _listing("sns_topics", "sns", "list_topics", "sns:ListTopics", "Topics"),
    _listing(
        "model_package_groups",
        "sagemaker",
        "list_model_package_groups",
        "sagemaker:ListModelPackageGroups",
        "ModelPackageGroupSummaryList",
    ),
)  # fmt: skip

#: The IAM actions that all reads need.
ACTIONS: tuple[str, ...] = tuple(dict.fromkeys(action for read in READS for action in read.actions))
