"""Names and settings that AWS refuses, or takes and then does not do what was meant."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.constraints.sound import TOPIC, Broken

ROLE = "aws:iam/role:Role"
KMS_KEY = "aws:kms/key:Key"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
REPOSITORY = "aws:ecr/repository:Repository"
IMAGES = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
MODEL = "aws:sagemaker/model:Model"
CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
SERVED = "aws:sagemaker/endpoint:Endpoint"
TARGET = "aws:appautoscaling/target:Target"
SCALING = "aws:appautoscaling/policy:Policy"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BUDGET = "aws:budgets/budget:Budget"
TRAIL = "aws:cloudtrail/trail:Trail"
RECORDER = "aws:cfg/recorder:Recorder"
DETECTOR = "aws:guardduty/detector:Detector"
OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

_EMPTY: dict[str, Any] = {}
_UPDATE = "deploymentConfig.blueGreenUpdatePolicy"
_ROUTING = f"{_UPDATE}.trafficRoutingConfiguration"
_CAPTURE = "dataCaptureConfig"


def _names(rule: str, kind: str, at: str, *values: str) -> tuple[Broken, ...]:
    return tuple(Broken(rule=rule, type=kind, at=at, to=value) for value in values)


def _each(rule: str, kind: str, *changes: tuple[str, Any] | tuple[str, Any, str]) -> tuple[Broken, ...]:
    return tuple(Broken(rule=rule, type=kind, at=at, to=to, found="".join(found)) for at, to, *found in changes)


def _images(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)})


_NOTIFICATION: dict[str, Any] = {
    "threshold": 50, "comparisonOperator": "GREATER_THAN", "notificationType": "ACTUAL", "thresholdType": "PERCENTAGE",
    "subscriberEmailAddresses": ["a@b.example"],
}  # fmt: skip

BROKEN = (
    # names
    *_names("iam-role-name", ROLE, "name", "x" * 65, "a b", ""),
    *_names("iam-role-path", ROLE, "path", "bulkhead", "/bulkhead", "/" + "x" * 512 + "/"),
    *_names("iam-policy-name", "aws:iam/policy:Policy", "name", "x" * 129),
    *_names("iam-inline-policy-name", "aws:iam/rolePolicy:RolePolicy", "name", "a/b"),
    *_names("iam-saml-provider-name", "aws:iam/samlProvider:SamlProvider", "name", "a b"),
    *_names("kms-alias-name", "aws:kms/alias:Alias", "name", "acme", "alias/aws/acme", "alias/" + "x" * 251),
    *_names("ecr-repository-name", REPOSITORY, "name", "Acme/models", "acme//models", "a", "x" * 257),
    *_names("sagemaker-model-name", MODEL, "name", "x" * 64, "-x", "a_b"),
    *_names("sagemaker-configuration-name", CONFIGURATION, "name", "x" * 64, "x-"),
    *_names("sagemaker-endpoint-name", SERVED, "name", "x" * 64),
    *_names(
        "sagemaker-group-name", "aws:sagemaker/modelPackageGroup:ModelPackageGroup", "modelPackageGroupName", "x" * 64
    ),
    *_names("logs-group-name", LOGS, "name", "x" * 513, "a b", "aws/x"),
    *_names("cloudwatch-alarm-name", ALARM, "name", "x" * 256),
    *_names("sns-topic-name", "aws:sns/topic:Topic", "name", "a.b", "x" * 257),
    *_names("budgets-name", BUDGET, "name", "a:b", "x" * 101),
    *_names("cloudtrail-name", TRAIL, "name", "ab", "a--b", "x" * 129),
    *_names("config-rule-name", "aws:cfg/rule:Rule", "name", " ", "x" * 129),
    *_names("autoscaling-policy-name", SCALING, "name", "x" * 257),
    *_names("ec2-security-group-name", GROUP, "name", "sg-acme", "x" * 256, "ä"),
    *_names(
        "s3-bucket-name",
        "aws:s3/bucket:Bucket",
        "bucket",
        "ab",
        "x" * 64,
        "Acme",
        "a_b",
        "a..b",
        "-ab",
        "192.168.5.4",
        "xn--acme",
        "acme-s3alias",
    ),
    # tags
    *_each(
        "tags",
        ROLE,
        ("tags", {f"t{index}": "" for index in range(51)}),
        ("tags", {"aws:x": "y"}, "tags.aws:x"),
        ("tags", {"x" * 129: "y"}, "tags." + "x" * 129),
        ("tags", {"x": "<y>"}, "tags.x"),
    ),
    # identities
    *_each("iam-session-duration", ROLE, ("maxSessionDuration", 900), ("maxSessionDuration", 50_000)),
    *_each("iam-attached-policies", ROLE, ("managedPolicyArns", ["a"] * 11)),
    *_each("iam-boundary", ROLE, ("permissionsBoundary", ...)),
    *_each(
        "iam-oidc-provider",
        OIDC,
        ("url", "http://a.example"),
        ("clientIdLists", []),
        ("thumbprintLists", ["xy"]),
    ),
    *_each(
        "iam-saml-metadata",
        "aws:iam/samlProvider:SamlProvider",
        ("samlMetadataDocument", "<EntityDescriptor/>"),
        ("samlMetadataDocument", "x" * 2000),
    ),
    # keys
    *_each("kms-deletion-window", KMS_KEY, ("deletionWindowInDays", 6), ("deletionWindowInDays", 31)),
    *_each(
        "kms-rotation",
        KMS_KEY,
        ("enableKeyRotation", False),
        ("enableKeyRotation", ...),
        ("rotationPeriodInDays", 30),
        ("customerMasterKeySpec", "RSA_2048", "enableKeyRotation"),
    ),
    # buckets
    *_each(
        "s3-encryption",
        ENCRYPTION,
        (
            "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId",
            ...,
            "rules[0].applyServerSideEncryptionByDefault",
        ),
        ("rules.0.bucketKeyEnabled", ..., "rules[0].bucketKeyEnabled"),
    ),
    *_each(
        "s3-public-access",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        ("blockPublicPolicy", False),
        ("restrictPublicBuckets", ...),
    ),
    *_each(
        "s3-ownership",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        ("rule.objectOwnership", "ObjectWriter"),
    ),
    *_each(
        "s3-lifecycle",
        LIFECYCLE,
        ("rules", [_EMPTY] * 1001),
        ("rules.1.id", "old", "rules[1].id"),
        ("rules.0.id", "x" * 256, "rules[0].id"),
        ("rules.0.expiration.days", 0, "rules[0].expiration.days"),
        ("rules.0.transitions.0.days", 29, "rules[0].transitions[0].days"),
    ),
    *_each("s3-logging", "aws:s3/bucketLogging:BucketLogging", ("targetBucket", "b")),
    *_each(
        "s3-object-lock",
        LOCK,
        ("rule.defaultRetention.years", 1, "rule.defaultRetention"),
        ("rule.defaultRetention.days", ..., "rule.defaultRetention"),
        ("rule.defaultRetention.mode", "LOCKED"),
        ("rule.defaultRetention.days", 0),
    ),
    # networks
    *_each("vpc-range", "aws:ec2/vpc:Vpc", ("cidrBlock", "10.0.0.0/8"), ("cidrBlock", "10.0.0.1/16")),
    *_each("vpc-range", "aws:ec2/subnet:Subnet", ("cidrBlock", "10.64.0.0/29")),
    *_each("vpc-dns", "aws:ec2/vpc:Vpc", ("enableDnsHostnames", ...), ("enableDnsSupport", False)),
    *_each("subnet-public-address", "aws:ec2/subnet:Subnet", ("mapPublicIpOnLaunch", True)),
    *_each(
        "security-group-internet",
        GROUP,
        ("ingress", [{"cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]}], "ingress[0].cidrBlocks"),
        ("egress", [{"ipv6CidrBlocks": ["::/0"]}], "egress[0].ipv6CidrBlocks"),
    ),
    *_each("security-group-internet", INGRESS, ("cidrIpv4", "0.0.0.0/0")),
    *_each("security-group-internet", EGRESS, ("cidrIpv6", "::/0")),
    *_each(
        "security-group-peer",
        INGRESS,
        ("cidrIpv4", "10.0.0.0/24"),
        ("referencedSecurityGroupId", ...),
    ),
    *_each(
        "security-group-ports", INGRESS, ("fromPort", ...), ("toPort", 80, "fromPort"), ("toPort", 70_000, "fromPort")
    ),
    *_each("security-group-ports", EGRESS, ("fromPort", 443)),
    *_each("security-group-description", EGRESS, ("description", "To S3, nothing else?")),
    *_each("security-group-description", GROUP, ("description", "x" * 256)),
    *_each(
        "flow-log",
        "aws:ec2/flowLog:FlowLog",
        ("maxAggregationInterval", 300),
        ("iamRoleArn", ...),
        ("logDestinationType", "s3", "iamRoleArn"),
    ),
    *_each(
        "vpc-endpoint-kind",
        ENDPOINT,
        ("routeTableIds", ["rtb-1"]),
        ("subnetIds", ...),
        ("vpcEndpointType", "Gateway", "subnetIds"),
        ("vpcEndpointType", "Gateway", "serviceName"),
        ("vpcEndpointType", ..., "securityGroupIds"),
    ),
    # images
    *_each(
        "ecr-repository",
        REPOSITORY,
        ("imageTagMutability", "MUTABLE"),
        ("imageTagMutability", ...),
        ("encryptionConfigurations", ...),
        ("encryptionConfigurations.0.kmsKey", ..., "encryptionConfigurations[0].kmsKey"),
        ("encryptionConfigurations.0.encryptionType", "AES256", "encryptionConfigurations[0].kmsKey"),
    ),
    *_each(
        "ecr-lifecycle",
        IMAGES,
        ("policy", "{"),
        ("policy", _images()),
        ("policy", "x" * 30_721),
        ("policy", _images({"rulePriority": 1}, {"rulePriority": 1})),
        ("policy", _images({"rulePriority": 1, "selection": {"tagStatus": "any"}}, {"rulePriority": 2})),
    ),
    # models and endpoints
    *_each(
        "sagemaker-isolation",
        MODEL,
        ("enableNetworkIsolation", ...),
        ("enableNetworkIsolation", False),
        ("vpcConfig", ...),
    ),
    *_each("sagemaker-vpc", MODEL, ("vpcConfig.subnets", ["s"] * 17), ("vpcConfig.securityGroupIds", ["s"] * 6)),
    *_each(
        "sagemaker-container",
        MODEL,
        ("containers", [{"image": "i"}], "primaryContainer"),
        ("primaryContainer", ...),
        ("primaryContainer.modelDataUrl", "b/model.tar.gz"),
        ("primaryContainer.environment", {f"V{index}": "" for index in range(101)}),
        ("primaryContainer.environment", {"A-B": "x"}, "primaryContainer.environment.A-B"),
        ("primaryContainer.environment.X", "x" * 1025),
    ),
    *_each(
        "sagemaker-volume-key",
        CONFIGURATION,
        ("productionVariants.0.instanceType", "ml.g5.xlarge", "kmsKeyArn"),
        ("kmsKeyArn", ...),
    ),
    *_each(
        "sagemaker-variants",
        CONFIGURATION,
        ("productionVariants", [_EMPTY] * 11),
        ("productionVariants", []),
        ("productionVariants.0.variantName", "a_b", "productionVariants[0].variantName"),
        ("productionVariants.0.initialInstanceCount", 0, "productionVariants[0].initialInstanceCount"),
        ("productionVariants.0.initialVariantWeight", -1, "productionVariants[0].initialVariantWeight"),
    ),
    *_each(
        "sagemaker-capture",
        CONFIGURATION,
        (f"{_CAPTURE}.initialSamplingPercentage", 101),
        (f"{_CAPTURE}.destinationS3Uri", "capture"),
        (f"{_CAPTURE}.captureOptions", []),
        (f"{_CAPTURE}.kmsKeyId", ...),
    ),
    *_each(
        "endpoint-blue-green",
        SERVED,
        (f"{_ROUTING}.type", "ROLLING"),
        (f"{_ROUTING}.canarySize", ...),
        (f"{_ROUTING}.type", "ALL_AT_ONCE", f"{_ROUTING}.canarySize"),
        (f"{_ROUTING}.type", "LINEAR", f"{_ROUTING}.linearStepSize"),
        (f"{_ROUTING}.canarySize", {"type": "CAPACITY_PERCENT", "value": 60}, f"{_ROUTING}.canarySize.value"),
        (f"{_ROUTING}.canarySize.value", 0),
        (f"{_ROUTING}.waitIntervalInSeconds", 4000),
        (f"{_UPDATE}.terminationWaitInSeconds", 3601),
        (f"{_UPDATE}.maximumExecutionTimeoutInSeconds", 300),
        (f"{_UPDATE}.maximumExecutionTimeoutInSeconds", 40_000),
        (f"{_ROUTING}.waitIntervalInSeconds", 3500, f"{_UPDATE}.maximumExecutionTimeoutInSeconds"),
    ),
    *_each(
        "endpoint-rollback",
        SERVED,
        ("deploymentConfig.autoRollbackConfiguration", ...),
        ("deploymentConfig.autoRollbackConfiguration.alarms", []),
        ("deploymentConfig", ..., "deploymentConfig.autoRollbackConfiguration"),
    ),
    *_each(
        "autoscaling-target",
        TARGET,
        ("minCapacity", 5),
        ("minCapacity", 0),
        ("resourceId", "endpoint/bh-dev-acme-tumour"),
    ),
    *_each(
        "autoscaling-policy",
        SCALING,
        ("targetTrackingScalingPolicyConfiguration.targetValue", 0),
        ("targetTrackingScalingPolicyConfiguration.scaleInCooldown", -1),
        ("targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification", ...),
    ),
    # observability
    *_each(
        "logs-group",
        LOGS,
        ("retentionInDays", 0),
        ("retentionInDays", 45),
        ("retentionInDays", ...),
        ("kmsKeyId", ...),
    ),
    *_each(
        "cloudwatch-alarm-times",
        ALARM,
        ("period", 45),
        ("period", 61),
        ("evaluationPeriods", 1441),
        ("evaluationPeriods", 0),
        ("datapointsToAlarm", 4),
    ),
    *_each(
        "cloudwatch-alarm-metric",
        ALARM,
        ("statistic", ...),
        ("extendedStatistic", "p99", "statistic"),
        ("extendedStatistic", "median"),
        ("treatMissingData", "ok"),
        ("alarmActions", [TOPIC] * 6),
    ),
    *_each(
        "sns-topic-key",
        "aws:sns/topic:Topic",
        ("kmsMasterKeyId", ...),
        ("kmsMasterKeyId", "alias/aws/sns"),
    ),
    *_each(
        "sns-subscription",
        "aws:sns/topicSubscription:TopicSubscription",
        ("endpoint", "acme"),
        ("protocol", "http"),
    ),
    # governance
    *_each(
        "budgets",
        BUDGET,
        ("limitAmount", "0"),
        ("limitAmount", "much"),
        ("notifications", [_NOTIFICATION] * 6),
        ("notifications", [_NOTIFICATION] * 2, "notifications[1]"),
        ("notifications.0.subscriberEmailAddresses", ["a@b.example"] * 11, "notifications[0].subscriberEmailAddresses"),
        ("notifications.0.subscriberSnsTopicArns", [TOPIC] * 2, "notifications[0].subscriberSnsTopicArns"),
        ("notifications.0", {"threshold": 80}, "notifications[0]"),
        ("notifications.0.threshold", 0, "notifications[0].threshold"),
        ("notifications.0.comparisonOperator", ">", "notifications[0].comparisonOperator"),
    ),
    *_each(
        "cloudtrail",
        TRAIL,
        ("enableLogFileValidation", ...),
        ("kmsKeyId", ...),
        ("eventSelectors", [{"readWriteType": "All"}]),
    ),
    *_each(
        "cloudtrail-selectors",
        TRAIL,
        ("eventSelectors", [_EMPTY] * 6),
        (
            "advancedEventSelectors.0.fieldSelectors",
            [{"field": "eventName"}],
            "advancedEventSelectors[0].fieldSelectors",
        ),
        (
            "advancedEventSelectors.0.fieldSelectors.0.equals",
            ["Everything"],
            "advancedEventSelectors[0].fieldSelectors",
        ),
        ("advancedEventSelectors.0.fieldSelectors.1.startsWiths", ["x"] * 500, "advancedEventSelectors"),
    ),
    *_each(
        "config-recorder",
        RECORDER,
        ("recordingGroup.resourceTypes", ["AWS::S3::Bucket"]),
        ("recordingGroup.allSupported", False, "recordingGroup.includeGlobalResourceTypes"),
    ),
    *_each("guardduty-detector", DETECTOR, ("findingPublishingFrequency", "HOURLY"), ("enable", False)),
    Broken(rule="vpc-endpoint-private-dns", type=ENDPOINT, at="privateDnsEnabled", to=True, found="privateDnsEnabled"),
)
