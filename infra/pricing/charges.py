"""What AWS charges for each type of resource: for being there, by use, or nothing.

A type that is in none of the tables is unpriced, which an estimate says. Sources: the pages of ``prices.yaml``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.pricing.table import PriceTable

Properties = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One charge of a resource, for a month.

    Attributes:
        item: What is charged.
        quantity: How many units a month; None where it is not known.
        unit: The unit, for example ``zone-hours``.
        unit_price: US dollars a unit; None where the table has no price.
        note: What the reader must know of it.
    """

    item: str
    quantity: float | None
    unit: str
    unit_price: float | None
    note: str = ""

    @property
    def usd_month(self) -> float | None:
        """US dollars a month; None where quantity or price are not known."""
        if self.quantity is None or self.unit_price is None:
            return None
        return self.quantity * self.unit_price


def _endpoint(properties: Properties, table: PriceTable) -> Iterator[Charge]:
    kind = properties.get("vpcEndpointType") or "Gateway"
    if kind != "Interface":
        return
    subnets = properties.get("subnetIds")
    zones = len(cast("list[Any]", subnets)) if isinstance(subnets, list) else None
    yield Charge(
        item="interface endpoint",
        quantity=None if zones is None else zones * table.hours_per_month,
        unit="zone-hours",
        unit_price=table.fixed.interface_endpoint_zone_hour,
        note="the number of its zones is not known" if zones is None else "",
    )


def _key(properties: Properties, table: PriceTable) -> Iterator[Charge]:
    rotates = properties.get("enableKeyRotation") is True
    yield Charge(
        item="customer-managed key",
        quantity=1,
        unit="key-months",
        unit_price=table.fixed.kms_key_month,
        note="the first and second rotation add a key-month each" if rotates else "",
    )


def _alarm(properties: Properties, table: PriceTable) -> Iterator[Charge]:
    queries = properties.get("metricQueries")
    metrics = len(cast("list[Any]", queries)) if isinstance(queries, list) and queries else 1
    yield Charge(item="alarm", quantity=metrics, unit="metric-months", unit_price=table.fixed.alarm_metric_month)


#: Charged for being there.
FIXED: Mapping[str, Callable[[Properties, PriceTable], Iterator[Charge]]] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:kms/key:Key": _key,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
}

#: Charged by use: what, the price's key in ``usage``, and its unit.
USAGE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": (("data through interface endpoints", "endpoint_data_gb", "GB"),),
    "aws:kms/key:Key": (("requests of keys", "kms_requests_10k", "10,000 requests"),),
    "aws:s3/bucket:Bucket": (("storage in buckets, and their requests", "s3_storage_gb_month", "GB-month"),),
    "aws:cloudwatch/logGroup:LogGroup": (
        ("ingestion of logs", "log_ingest_gb", "GB"),
        ("storage of logs", "log_storage_gb_month", "GB-month"),
    ),
    "aws:ec2/flowLog:FlowLog": (("ingestion of logs", "log_ingest_gb", "GB"),),
    "aws:ecr/repository:Repository": (("storage of images", "ecr_storage_gb_month", "GB-month"),),
    "aws:cloudtrail/trail:Trail": (("data events of trails", "trail_data_events_100k", "100,000 events"),),
    "aws:cfg/recorder:Recorder": (("configuration items of AWS Config", "config_item", "item"),),
    "aws:cfg/rule:Rule": (("evaluations of AWS Config rules", "config_evaluation", "evaluation"),),
    "aws:guardduty/detector:Detector": (
        ("events that GuardDuty analyses", "guardduty_events_million", "million events"),
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": (
        ("events that GuardDuty analyses", "guardduty_events_million", "million events"),
    ),
    "aws:sagemaker/endpoint:Endpoint": (("data into and out of endpoints", "sagemaker_data_gb", "GB"),),
}

#: Part of something that is charged elsewhere, or without charge.
FREE = frozenset(
    {
        "aws:kms/alias:Alias",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/policy:Policy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/samlProvider:SamlProvider",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:sagemaker/model:Model",
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        "aws:appautoscaling/target:Target",
        "aws:appautoscaling/policy:Policy",
        "aws:sns/topic:Topic",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:budgets/budget:Budget",
        "aws:cfg/deliveryChannel:DeliveryChannel",
        "aws:cfg/recorderStatus:RecorderStatus",
    }
)
