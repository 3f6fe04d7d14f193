"""A call needs what services do for it: keys of encrypted things, roles that are passed, and what a role will do."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from infra.sandbox.enforcement.lookup import Encryption, Route
from infra.sandbox.enforcement.requests import Needed
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Estate, checks

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/own"
OTHER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other"
MANAGED = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/managed"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:t"
REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/images"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf"

ESTATE = Estate(
    arns={KEY: KEY, OTHER: OTHER, "alias/aws/s3": MANAGED, "db": SECRET},
    buckets={"b": Encryption(key=KEY, bucket_key=True), "plain": Encryption(key=KEY, bucket_key=False)},
    objects={("b", "k"): Encryption(key=KEY, bucket_key=True), ("b", "old"): Encryption(key=OTHER, bucket_key=False)},
    uploads={"u": Encryption(key=KEY, bucket_key=True)},
    keys={TOPIC: KEY, REPOSITORY: KEY, SECRET: KEY},
    tagged={KEY: {"tenant": "acme"}},
    routes={"subnet-1": Route(endpoint="vpce-1", vpc="vpc-1")},
    models={
        ("model", "m"): {"ExecutionRoleArn": ROLE},
        ("endpoint-config", "c"): {"KmsKeyId": KEY, "ProductionVariants": [{"ModelName": "m"}]},
        ("endpoint-config", "unencrypted"): {"ProductionVariants": [{"ModelName": "m"}]},
    },
)
NOTHING = Estate()


def kms(found: tuple[Needed, ...]) -> list[tuple[str, str, object]]:
    """Uses of keys: action, key, and what the ciphertext is bound to."""
    return [
        (one.action, one.resource, one.context.get("kms:EncryptionContext:aws:s3:arn"))
        for one in found
        if one.action.startswith("kms:")
    ]


BUCKET = "arn:aws:s3:::b"
S3_CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, object]]]] = [
    ("GetObject", {"Bucket": "b", "Key": "k"}, [("kms:Decrypt", KEY, BUCKET)]),
    ("GetObject", {"Bucket": "b", "Key": "old"}, [("kms:Decrypt", OTHER, "arn:aws:s3:::b/old")]),
    ("GetObject", {"Bucket": "b", "Key": "missing"}, []),
    ("HeadObject", {"Bucket": "b", "Key": "k"}, []),
    ("HeadObject", {"Bucket": "b", "Key": "k", "ChecksumMode": "ENABLED"}, [("kms:Decrypt", KEY, BUCKET)]),
    ("GetObjectAttributes", {"Bucket": "b", "Key": "k", "ObjectAttributes": ["ETag"]}, []),
    (
        "GetObjectAttributes",
        {"Bucket": "b", "Key": "k", "ObjectAttributes": ["Checksum"]},
        [("kms:Decrypt", KEY, BUCKET)],
    ),
    ("PutObject", {"Bucket": "b", "Key": "n", "Body": b""}, [("kms:GenerateDataKey", KEY, BUCKET)]),
    (
        "PutObject",
        {"Bucket": "plain", "Key": "n", "Body": b""},
        [("kms:GenerateDataKey", KEY, "arn:aws:s3:::plain/n")],
    ),
    ("PutObject", {"Bucket": "none", "Key": "n", "Body": b""}, []),
    ("PutObject", {"Bucket": "b", "Key": "n", "Body": b"", "ServerSideEncryption": "AES256"}, []),
    (
        "PutObject",
        {"Bucket": "b", "Key": "n", "Body": b"", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": OTHER},
        [("kms:GenerateDataKey", OTHER, BUCKET)],
    ),
    (
        "PutObject",
        {
            "Bucket": "b",
            "Key": "n",
            "Body": b"",
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": OTHER,
            "BucketKeyEnabled": False,
        },
        [("kms:GenerateDataKey", OTHER, "arn:aws:s3:::b/n")],
    ),
    (
        "PutObject",
        {"Bucket": "b", "Key": "n", "Body": b"", "ServerSideEncryption": "aws:kms"},
        [("kms:GenerateDataKey", MANAGED, BUCKET)],
    ),
    (
        "CopyObject",
        {"Bucket": "b", "Key": "n", "CopySource": "b/old"},
        [("kms:Decrypt", OTHER, "arn:aws:s3:::b/old"), ("kms:GenerateDataKey", KEY, BUCKET)],
    ),
    ("CreateMultipartUpload", {"Bucket": "b", "Key": "n"}, [("kms:GenerateDataKey", KEY, BUCKET)]),
    (
        "UploadPart",
        {"Bucket": "b", "Key": "n", "UploadId": "u", "PartNumber": 1, "Body": b""},
        [("kms:GenerateDataKey", KEY, BUCKET), ("kms:Decrypt", KEY, BUCKET)],
    ),
    ("CompleteMultipartUpload", {"Bucket": "b", "Key": "n", "UploadId": "u"}, [("kms:Decrypt", KEY, BUCKET)]),
    ("DeleteObject", {"Bucket": "b", "Key": "k"}, []),
    ("ListObjectsV2", {"Bucket": "b"}, []),
]


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"), S3_CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(S3_CASES)]
)
def test_s3_uses_the_key_on_the_callers_behalf(
    operation: str, parameters: dict[str, Any], expected: list[tuple[str, str, object]]
) -> None:
    found = checks("s3", operation, ESTATE, **parameters)
    assert kms(found) == expected
    assert kms(checks("s3", operation, NOTHING, **parameters)) == [] or "ServerSideEncryption" in parameters


def test_a_call_on_somebodys_behalf_says_so() -> None:
    """A forward access session has the caller's principal, and keys that only such a session has."""
    own, forwarded = checks("s3", "GetObject", ESTATE, Bucket="b", Key="k")
    assert own.via is None
    assert "aws:ViaAWSService" not in own.context
    assert forwarded.via == "s3.amazonaws.com"
    assert forwarded.principal is None
    expected = {
        "aws:CalledVia": ["s3.amazonaws.com"],
        "aws:CalledViaFirst": "s3.amazonaws.com",
        "aws:CalledViaLast": "s3.amazonaws.com",
        "aws:ResourceTag/tenant": "acme",
        "aws:ViaAWSService": True,
        "kms:CallerAccount": ACCOUNT,
        "kms:EncryptionContext:aws:s3:arn": BUCKET,
        "kms:EncryptionContextKeys": ["aws:s3:arn"],
        "kms:ViaService": f"s3.{REGION}.amazonaws.com",
    }
    assert {key: forwarded.context.get(key) for key in expected} == expected


def test_the_requests_own_encryption_context_is_bound_too() -> None:
    given = base64.b64encode(b'{"purpose": "test"}').decode()
    parameters: dict[str, Any] = {
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": KEY,
        "SSEKMSEncryptionContext": given,
    }
    found = checks("s3", "PutObject", ESTATE, Bucket="b", Key="n", Body=b"", **parameters)
    assert found[-1].context["kms:EncryptionContext:purpose"] == "test"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "receiver"),
    [
        ("sagemaker", "CreateModel", {"ModelName": "m", "ExecutionRoleArn": ROLE}, "sagemaker.amazonaws.com"),
        ("sagemaker", "CreateDomain", {"DefaultUserSettings": {"ExecutionRole": ROLE}}, "sagemaker.amazonaws.com"),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE, "Code": {}}, "lambda.amazonaws.com"),
        ("cloudtrail", "CreateTrail", {"Name": "t", "CloudWatchLogsRoleArn": ROLE}, "cloudtrail.amazonaws.com"),
        ("events", "PutTargets", {"Rule": "r", "Targets": [{"Id": "1", "RoleArn": ROLE}]}, "events.amazonaws.com"),
        (
            "ec2",
            "CreateFlowLogs",
            {"ResourceIds": ["vpc-1"], "DeliverLogsPermissionArn": ROLE},
            "vpc-flow-logs.amazonaws.com",
        ),
    ],
)
def test_a_role_in_a_request_is_passed(service: str, operation: str, parameters: dict[str, Any], receiver: str) -> None:
    passed = [one for one in checks(service, operation, **parameters) if one.action == "iam:PassRole"]
    assert [(one.resource, one.context["iam:PassedToService"]) for one in passed] == [(ROLE, receiver)]


def test_an_instance_profile_passes_its_role() -> None:
    estate = Estate(arns={"instance-profile/p": ROLE})
    parameters: dict[str, Any] = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "p"}}
    for known, role in ((estate, ROLE), (NOTHING, f"arn:aws:iam::{ACCOUNT}:role/*")):
        found = checks("ec2", "RunInstances", known, **parameters)
        assert [one.resource for one in found if one.action == "iam:PassRole"] == [role]


def test_looking_at_roles_passes_none() -> None:
    assert [one.action for one in checks("iam", "GetRole", RoleName="r")] == ["iam:GetRole"]
    parameters: dict[str, Any] = {"RoleArn": ROLE, "RoleSessionName": "s"}
    assert [one.action for one in checks("sts", "AssumeRole", **parameters)] == ["sts:AssumeRole"]


IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/images:1"


def test_a_model_needs_a_role_that_can_read_its_artifact_and_image() -> None:
    container: dict[str, Any] = {"Image": IMAGE, "ModelDataUrl": "s3://b/k"}
    found = checks("sagemaker", "CreateModel", ESTATE, ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    others = [(one.principal, one.action, one.resource, one.via) for one in found if one.principal is not None]
    assert others == [
        ("sagemaker.amazonaws.com", "sts:AssumeRole", ROLE, None),
        (ROLE, "s3:GetObject", "arn:aws:s3:::b/k", None),
        (ROLE, "kms:Decrypt", KEY, "s3.amazonaws.com"),
        (ROLE, "ecr:BatchGetImage", REPOSITORY, None),
        (ROLE, "ecr:GetDownloadUrlForLayer", REPOSITORY, None),
        (ROLE, "ecr:BatchCheckLayerAvailability", REPOSITORY, None),
    ]
    assumed = next(one for one in found if one.action == "sts:AssumeRole")
    assert assumed.context["aws:SourceAccount"] == ACCOUNT
    assert assumed.context["aws:SourceArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"


def test_an_encrypted_endpoint_needs_a_grant_for_its_volumes() -> None:
    grants = [
        (one.principal, one.resource, one.context["kms:GrantIsForAWSResource"], one.context["kms:ViaService"])
        for one in checks("sagemaker", "CreateEndpoint", ESTATE, EndpointName="e", EndpointConfigName="c")
        if one.action == "kms:CreateGrant"
    ]
    via = f"sagemaker.{REGION}.amazonaws.com"
    assert grants == [(None, KEY, True, via), (ROLE, KEY, True, via)]
    plain = checks("sagemaker", "CreateEndpoint", ESTATE, EndpointName="e", EndpointConfigName="unencrypted")
    assert not kms(plain)


def test_a_job_works_as_its_role_from_its_own_subnet() -> None:
    parameters: dict[str, Any] = {
        "TrainingJobName": "j",
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "InputDataConfig": [{"ChannelName": "c", "DataSource": {"S3DataSource": {"S3Uri": "s3://b/k"}}}],
        "OutputDataConfig": {"S3OutputPath": "s3://b/out/"},
        "ResourceConfig": {"InstanceCount": 1, "VolumeKmsKeyId": KEY},
        "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
    }
    found = checks("sagemaker", "CreateTrainingJob", ESTATE, **parameters)
    as_role = [(one.action, one.resource, one.endpoint) for one in found if one.principal == ROLE]
    assert as_role == [
        ("s3:GetObject", "arn:aws:s3:::b/k", "vpce-1"),
        ("kms:Decrypt", KEY, None),
        ("s3:PutObject", "arn:aws:s3:::b/out/*", "vpce-1"),
        ("kms:GenerateDataKey", KEY, None),
        ("ecr:BatchGetImage", REPOSITORY, None),
        ("ecr:GetDownloadUrlForLayer", REPOSITORY, None),
        ("ecr:BatchCheckLayerAvailability", REPOSITORY, None),
        ("kms:CreateGrant", KEY, None),
    ]
    read = next(one for one in found if one.action == "s3:GetObject")
    assert (read.context["aws:SourceVpce"], read.context["aws:SourceVpc"]) == ("vpce-1", "vpc-1")
    outside = checks("sagemaker", "CreateTrainingJob", replace(ESTATE, routes={}), **parameters)
    assert all("aws:SourceVpce" not in one.context for one in outside)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "used", "bound"),
    [
        (
            "sns",
            "Publish",
            {"TopicArn": TOPIC, "Message": "m"},
            ["GenerateDataKey", "Decrypt"],
            ("aws:sns:topicArn", TOPIC),
        ),
        ("sns", "Subscribe", {"TopicArn": TOPIC, "Protocol": "email"}, [], None),
        ("secretsmanager", "GetSecretValue", {"SecretId": "db"}, ["Decrypt"], ("SecretARN", SECRET)),
        (
            "ecr",
            "CreateRepository",
            {"repositoryName": "new", "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY}},
            ["CreateGrant", "DescribeKey"],
            None,
        ),
        ("ecr", "CreateRepository", {"repositoryName": "new"}, [], None),
        ("ecr", "DeleteRepository", {"repositoryName": "images"}, ["RetireGrant"], None),
    ],
)
def test_other_services_use_keys_on_the_callers_behalf(
    service: str, operation: str, parameters: dict[str, Any], used: list[str], bound: tuple[str, str] | None
) -> None:
    found = [one for one in checks(service, operation, ESTATE, **parameters) if one.action.startswith("kms:")]
    assert [one.action for one in found] == [f"kms:{name}" for name in used]
    assert all(one.context["kms:ViaService"] == f"{service}.{REGION}.amazonaws.com" for one in found)
    if bound is not None:
        assert all(one.context[f"kms:EncryptionContext:{bound[0]}"] == bound[1] for one in found)


def test_the_first_scalable_target_makes_the_service_linked_role() -> None:
    parameters: dict[str, Any] = {"ServiceNamespace": "sagemaker", "ResourceId": "r", "ScalableDimension": "d"}
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    made = checks("application-autoscaling", "RegisterScalableTarget", **parameters)
    assert [one.action for one in made][-1] == "iam:CreateServiceLinkedRole"
    assert made[-1].resource.endswith(f"role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/{name}")
    there = Estate(arns={name: "arn:aws:iam::1:role/x"})
    again = checks("application-autoscaling", "RegisterScalableTarget", there, **parameters)
    assert [one.action for one in again] == ["application-autoscaling:RegisterScalableTarget"]
