"""Sound resources, one of each type that a rule is about, and small changes that break them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.constraints import PlannedResource

ACCOUNT = "123456789012"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/bulkhead/dev/platform/bh-dev-platform-provisioning"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/0c9f2c5e"
TOPIC = f"arn:aws:sns:eu-central-1:{ACCOUNT}:bh-dev-acme-alerts"


def statement(**changes: Any) -> dict[str, Any]:
    """A statement of an identity's policy; None removes an element."""
    base = {"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return {key: value for key, value in {**base, **changes}.items() if value is not None}


def policy(*statements: Mapping[str, Any], version: str = "2012-10-17") -> str:
    """A policy document as text."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def resource_statement(**changes: Any) -> dict[str, Any]:
    """A statement of a resource's policy, for one role of the account."""
    return statement(**{"Principal": {"AWS": ADMIN}, **changes})


def trust_statement(**changes: Any) -> dict[str, Any]:
    """A statement of a trust policy, for SageMaker on behalf of the account."""
    return statement(
        **{
            "Sid": "SageMaker",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Resource": None,
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            **changes,
        }
    )


_KEY_POLICY = policy(resource_statement(Action=["kms:PutKeyPolicy", "kms:Describe*"], Resource="*"))
_BUCKET_POLICY = policy(
    resource_statement(
        Sid="Deny",
        Effect="Deny",
        Principal="*",
        Action="s3:*",
        Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
        Condition={"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": KEY}},
    )
)
_ROUTING = {"type": "CANARY", "waitIntervalInSeconds": 300, "canarySize": {"type": "INSTANCE_COUNT", "value": 1}}

SOUND: Mapping[str, Mapping[str, Any]] = {
    "aws:iam/role:Role": {
        "name": "bh-dev-acme-serving",
        "path": "/bulkhead/dev/acme/",
        "assumeRolePolicy": policy(trust_statement()),
        "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/bulkhead/dev/acme/bh-dev-acme-boundary",
        "maxSessionDuration": 3600,
        "managedPolicyArns": ["arn:aws:iam::aws:policy/a"],
        "inlinePolicies": [{"name": "x", "policy": policy(statement())}],
        "tags": {"tenant": "acme", "Kostenstelle": "Zürich 4711"},
    },
    "aws:iam/policy:Policy": {"name": "bh-dev-acme-boundary", "policy": policy(statement())},
    "aws:iam/rolePolicy:RolePolicy": {"name": "use", "role": "r", "policy": policy(statement())},
    "aws:iam/samlProvider:SamlProvider": {
        "name": "bh-dev-platform-saml",
        "samlMetadataDocument": "<EntityDescriptor>" + "x" * 1000,
    },
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
        "thumbprintLists": ["ab" * 20],
    },
    "aws:kms/key:Key": {
        "deletionWindowInDays": 30,
        "enableKeyRotation": True,
        "rotationPeriodInDays": 365,
        "policy": _KEY_POLICY,
    },
    "aws:kms/alias:Alias": {"name": "alias/bulkhead/dev/acme", "targetKeyId": "k"},
    "aws:s3/bucket:Bucket": {"bucket": "bh-dev-acme-data-1a2b3c4d"},
    "aws:s3/bucketPolicy:BucketPolicy": {"bucket": "b", "policy": _BUCKET_POLICY},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        "bucket": "b",
        "rules": [
            {
                "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY},
                "bucketKeyEnabled": True,
            }
        ],
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        "bucket": "b",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
        "bucket": "b",
        "rule": {"objectOwnership": "BucketOwnerEnforced"},
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        "bucket": "b",
        "rules": [
            {
                "id": "old",
                "status": "Enabled",
                "expiration": {"days": 90},
                "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
            },
            {"id": "uploads", "status": "Enabled"},
        ],
    },
    "aws:s3/bucketLogging:BucketLogging": {"bucket": "b", "targetBucket": "logs", "targetPrefix": "b/"},
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
        "bucket": "b",
        "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 400}},
    },
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.64.0.0/16", "enableDnsSupport": True, "enableDnsHostnames": True},
    "aws:ec2/subnet:Subnet": {"vpcId": "vpc-1", "cidrBlock": "10.64.0.0/28", "mapPublicIpOnLaunch": False},
    "aws:ec2/securityGroup:SecurityGroup": {
        "vpcId": "vpc-1",
        "name": "bh-dev-acme",
        "description": "Workloads of acme",
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "securityGroupId": "sg-1",
        "referencedSecurityGroupId": "sg-2",
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
    },
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "securityGroupId": "sg-1",
        "prefixListId": "pl-1",
        "ipProtocol": "-1",
        "description": "To S3",
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
        "vpcId": "vpc-shared",
        "vpcEndpointType": "Interface",
        "serviceName": "com.amazonaws.eu-central-1.kms",
        "policy": policy(resource_statement(Resource="*")),
        "subnetIds": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
        "privateDnsEnabled": False,
    },
    "aws:ec2/flowLog:FlowLog": {
        "vpcId": "vpc-1",
        "trafficType": "ALL",
        "iamRoleArn": ADMIN,
        "maxAggregationInterval": 60,
        "logDestination": "arn:aws:logs:eu-central-1:123456789012:log-group:x",
    },
    "aws:ecr/repository:Repository": {
        "name": "bulkhead/dev/acme/models",
        "imageTagMutability": "IMMUTABLE",
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY}],
    },
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {
        "repository": "r",
        "policy": policy(resource_statement(Resource=None, Action="ecr:BatchGetImage")),
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
        "repository": "r",
        "policy": json.dumps(
            {
                "rules": [
                    {"rulePriority": 1, "selection": {"tagStatus": "untagged"}},
                    {"rulePriority": 2, "selection": {"tagStatus": "any"}},
                ]
            }
        ),
    },
    "aws:sagemaker/model:Model": {
        "name": "bh-dev-acme-tumour-1a2b3c4d",
        "executionRoleArn": ADMIN,
        "enableNetworkIsolation": True,
        "vpcConfig": {"subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
        "primaryContainer": {
            "image": "i",
            "modelDataUrl": "s3://b/tumour/1/model.tar.gz",
            "environment": {"OMP_NUM_THREADS": "1"},
        },
    },
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {
        "name": "bh-dev-acme-tumour-1a2b3c4d",
        "kmsKeyArn": KEY,
        "productionVariants": [
            {
                "variantName": "main",
                "modelName": "m",
                "instanceType": "ml.m5.large",
                "initialInstanceCount": 2,
                "initialVariantWeight": 1,
            }
        ],
        "dataCaptureConfig": {
            "initialSamplingPercentage": 10,
            "destinationS3Uri": "s3://capture/tumour",
            "kmsKeyId": KEY,
            "captureOptions": [{"captureMode": "Input"}],
        },
    },
    "aws:sagemaker/endpoint:Endpoint": {
        "name": "bh-dev-acme-tumour",
        "endpointConfigName": "c",
        "deploymentConfig": {
            "blueGreenUpdatePolicy": {
                "trafficRoutingConfiguration": _ROUTING,
                "terminationWaitInSeconds": 120,
                "maximumExecutionTimeoutInSeconds": 3600,
            },
            "autoRollbackConfiguration": {"alarms": [{"alarmName": "bh-dev-acme-tumour-errors"}]},
        },
    },
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": {"modelPackageGroupName": "bh-dev-acme-tumour"},
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": {
        "modelPackageGroupName": "bh-dev-acme-tumour",
        "resourcePolicy": policy(resource_statement(Resource="*")),
    },
    "aws:appautoscaling/target:Target": {
        "minCapacity": 2,
        "maxCapacity": 4,
        "serviceNamespace": "sagemaker",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "resourceId": "endpoint/bh-dev-acme-tumour/variant/main",
    },
    "aws:appautoscaling/policy:Policy": {
        "name": "bh-dev-acme-tumour",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 600,
            "scaleInCooldown": 300,
            "scaleOutCooldown": 60,
            "predefinedMetricSpecification": {"predefinedMetricType": "SageMakerVariantInvocationsPerInstance"},
        },
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        "name": "/aws/sagemaker/Endpoints/bh-dev-acme-tumour",
        "retentionInDays": 90,
        "kmsKeyId": KEY,
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "name": "bh-dev-acme-tumour-errors",
        "period": 60,
        "evaluationPeriods": 3,
        "datapointsToAlarm": 3,
        "statistic": "Average",
        "treatMissingData": "notBreaching",
        "alarmActions": [TOPIC],
    },
    "aws:sns/topic:Topic": {"name": "bh-dev-acme-alerts", "kmsMasterKeyId": KEY},
    "aws:sns/topicPolicy:TopicPolicy": {
        "arn": TOPIC,
        "policy": policy(resource_statement(Action="sns:Publish", Resource=TOPIC)),
    },
    "aws:sns/topicSubscription:TopicSubscription": {"topic": TOPIC, "protocol": "email", "endpoint": "a@b.example"},
    "aws:budgets/budget:Budget": {
        "name": "bh-dev-acme-monthly",
        "limitAmount": "900",
        "notifications": [
            {
                "threshold": 80,
                "comparisonOperator": "GREATER_THAN",
                "notificationType": "ACTUAL",
                "thresholdType": "PERCENTAGE",
                "subscriberEmailAddresses": ["a@b.example"],
                "subscriberSnsTopicArns": [TOPIC],
            }
        ],
    },
    "aws:cloudtrail/trail:Trail": {
        "name": "bh-dev-platform-trail",
        "s3BucketName": "b",
        "kmsKeyId": KEY,
        "enableLogFileValidation": True,
        "advancedEventSelectors": [
            {"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}, {"field": "resources.type"}]}
        ],
    },
    "aws:cfg/recorder:Recorder": {
        "name": "r",
        "roleArn": ADMIN,
        "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
    },
    "aws:cfg/rule:Rule": {"name": "bh-dev-platform-public"},
    "aws:guardduty/detector:Detector": {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES"},
}


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A change that breaks a sound resource.

    Attributes:
        rule: The rule that must find it.
        type: The type token.
        at: The property that is changed: keys and indices, joined by dots.
        to: Its new value; ``...`` removes it.
        found: The property that the violation names, where it is not `at` itself.
    """

    rule: str
    type: str
    at: str
    to: Any
    found: str = ""

    def resource(self) -> PlannedResource:
        """The broken resource."""
        properties = copy.deepcopy(dict(SOUND[self.type]))
        place: Any = properties
        *parents, last = [int(part) if part.isdigit() else part for part in self.at.split(".")]
        for part in parents:
            place = place[part] if isinstance(part, int) else place.setdefault(part, {})
        if self.to is ...:
            del place[last]
        else:
            place[last] = self.to
        return PlannedResource(type=self.type, name="x", properties=properties, shared_vpcs=frozenset({"vpc-shared"}))


def sound(token: str) -> PlannedResource:
    """The sound resource of a type."""
    return PlannedResource(type=token, name="x", properties=SOUND[token], shared_vpcs=frozenset({"vpc-shared"}))
