"""The context keys of a check are those that AWS supplies for the action, with the request's and resource's values."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests import Needed
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Estate, checks

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f5ca1ab"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
VPC = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"
SUBNET = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1"
GROUP = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/e"
TAGS = [{"Key": "tenant", "Value": "acme"}, {"Key": "stage", "Value": "dev"}]

ESTATE = Estate(
    arns={"k": KEY, "alias/acme": KEY, KEY: KEY, "training": ROLE},
    owners={"arn:aws:s3:::b": ACCOUNT},
    tagged={KEY: {"tenant": "acme"}, GROUP: {"tenant": "acme"}, ROLE: {"tenant": "acme"}, ENDPOINT: {"tenant": "acme"}},
    facts={
        KEY: {"kms:ResourceAliases": ["alias/acme"]},
        GROUP: {"ec2:Vpc": VPC},
        SUBNET: {"ec2:Vpc": VPC},
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1": {"ec2:Subnet": SUBNET, "ec2:Vpc": VPC},
    },
    boundaries={ROLE: BOUNDARY},
    object_tagged={("b", "k"): {"class": "secret"}},
    models={
        ("model", "m"): {
            "ExecutionRoleArn": ROLE,
            "EnableNetworkIsolation": True,
            "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        }
    },
)

#: (service, operation, parameters, action, keys that must be there; a value of None: must not be there)
CASES: list[tuple[str, str, dict[str, Any], str, dict[str, Value | None]]] = [
    (
        "s3",
        "ListObjectsV2",
        {"Bucket": "b", "Prefix": "p/", "Delimiter": "/", "MaxKeys": 7},
        "s3:ListBucket",
        {
            "s3:prefix": "p/",
            "s3:delimiter": "/",
            "s3:max-keys": 7,
            "s3:ResourceAccount": ACCOUNT,
            "s3:TlsVersion": 1.3,
            "s3:authType": "REST-HEADER",
            "aws:SecureTransport": True,
            "aws:RequestedRegion": REGION,
        },
    ),
    ("s3", "ListObjectsV2", {"Bucket": "b"}, "s3:ListBucket", {"s3:prefix": None, "s3:max-keys": None}),
    (
        "s3",
        "PutObject",
        {
            "Bucket": "b",
            "Key": "k",
            "Body": b"",
            "ACL": "public-read",
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "alias/acme",
            "StorageClass": "STANDARD_IA",
            "Tagging": "class=secret&x=",
        },
        "s3:PutObject",
        {
            "s3:x-amz-acl": "public-read",
            "s3:x-amz-server-side-encryption": "aws:kms",
            "s3:x-amz-server-side-encryption-aws-kms-key-id": KEY,
            "s3:x-amz-server-side-encryption-customer-algorithm": None,
            "s3:x-amz-storage-class": "STANDARD_IA",
            "s3:RequestObjectTag/class": "secret",
            "s3:RequestObjectTag/x": "",
            "s3:RequestObjectTagKeys": ["class", "x"],
        },
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "Body": b""},
        "s3:PutObject",
        {"s3:x-amz-server-side-encryption": None, "s3:x-amz-server-side-encryption-aws-kms-key-id": None},
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "Body": b"", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "x" * 32},
        "s3:PutObject",
        {"s3:x-amz-server-side-encryption-customer-algorithm": "AES256"},
    ),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k"}, "s3:GetObject", {"s3:ExistingObjectTag/class": "secret"}),
    (
        "s3",
        "GetObject",
        {"Bucket": "b", "Key": "k", "VersionId": "v1"},
        "s3:GetObjectVersion",
        {"s3:versionid": "v1"},
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "b", "Key": "new", "CopySource": "b/other", "MetadataDirective": "COPY"},
        "s3:PutObject",
        {"s3:x-amz-copy-source": "b/other", "s3:x-amz-metadata-directive": "COPY"},
    ),
    (
        "s3",
        "CreateBucket",
        {"Bucket": "new", "CreateBucketConfiguration": {"LocationConstraint": REGION, "Tags": TAGS}},
        "s3:TagResource",
        {"aws:RequestTag/tenant": "acme", "aws:TagKeys": ["tenant", "stage"]},
    ),
    (
        "kms",
        "Encrypt",
        {"KeyId": "alias/acme", "Plaintext": b"x", "EncryptionContext": {"purpose": "test"}},
        "kms:Encrypt",
        {
            "aws:ResourceTag/tenant": "acme",
            "kms:CallerAccount": ACCOUNT,
            "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "kms:EncryptionContext:purpose": "test",
            "kms:EncryptionContextKeys": ["purpose"],
            "kms:RequestAlias": "alias/acme",
            "kms:ViaService": None,
            "aws:ViaAWSService": None,
        },
    ),
    ("kms", "Encrypt", {"KeyId": "k", "Plaintext": b"x"}, "kms:Encrypt", {"kms:RequestAlias": None}),
    (
        "kms",
        "CreateGrant",
        {
            "KeyId": "k",
            "GranteePrincipal": ROLE,
            "Operations": ["Decrypt", "CreateGrant"],
            "Constraints": {"EncryptionContextSubset": {"a": "b"}},
        },
        "kms:CreateGrant",
        {
            "kms:GrantIsForAWSResource": False,
            "kms:GranteePrincipal": ROLE,
            "kms:GrantOperations": ["Decrypt", "CreateGrant"],
            "kms:GrantConstraintType": "EncryptionContextSubset",
            "kms:EncryptionContext:a": "b",
        },
    ),
    (
        "kms",
        "CreateKey",
        {"Tags": [{"TagKey": "tenant", "TagValue": "acme"}], "KeySpec": "RSA_2048", "Origin": "EXTERNAL"},
        "kms:CreateKey",
        {
            "aws:RequestTag/tenant": "acme",
            "aws:TagKeys": ["tenant"],
            "kms:BypassPolicyLockoutSafetyCheck": False,
            "kms:KeyOrigin": "EXTERNAL",
            "kms:KeySpec": "RSA_2048",
            "kms:KeyUsage": "ENCRYPT_DECRYPT",
        },
    ),
    (
        "kms",
        "PutKeyPolicy",
        {"KeyId": "k", "Policy": "{}", "BypassPolicyLockoutSafetyCheck": True},
        "kms:PutKeyPolicy",
        {"kms:BypassPolicyLockoutSafetyCheck": True},
    ),
    (
        "kms",
        "ScheduleKeyDeletion",
        {"KeyId": "k"},
        "kms:ScheduleKeyDeletion",
        {"kms:ScheduleKeyDeletionPendingWindowInDays": 30},
    ),
    (
        "kms",
        "ReEncrypt",
        {"SourceKeyId": "k", "CiphertextBlob": b"x", "DestinationKeyId": "k", "SourceEncryptionContext": {"a": "b"}},
        "kms:ReEncryptFrom",
        {"kms:EncryptionContext:a": "b", "kms:ReEncryptOnSameKey": True},
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "PermissionsBoundary": BOUNDARY, "Tags": TAGS},
        "iam:CreateRole",
        {"iam:PermissionsBoundary": BOUNDARY, "aws:RequestTag/tenant": "acme", "aws:ResourceTag/tenant": None},
    ),
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "AssumeRolePolicyDocument": "{}"},
        "iam:CreateRole",
        {"iam:PermissionsBoundary": None, "aws:TagKeys": None},
    ),
    (
        "iam",
        "PutRolePolicy",
        {"RoleName": "training", "PolicyName": "p", "PolicyDocument": "{}"},
        "iam:PutRolePolicy",
        {"iam:PermissionsBoundary": BOUNDARY, "aws:ResourceTag/tenant": "acme", "iam:ResourceTag/tenant": "acme"},
    ),
    (
        "iam",
        "AttachRolePolicy",
        {"RoleName": "training", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "iam:AttachRolePolicy",
        {"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess", "iam:PermissionsBoundary": BOUNDARY},
    ),
    (
        "iam",
        "CreateServiceLinkedRole",
        {"AWSServiceName": "guardduty.amazonaws.com"},
        "iam:CreateServiceLinkedRole",
        {"iam:AWSServiceName": "guardduty.amazonaws.com"},
    ),
    ("iam", "UntagRole", {"RoleName": "training", "TagKeys": ["tenant"]}, "iam:UntagRole", {"aws:TagKeys": ["tenant"]}),
    (
        "sts",
        "AssumeRole",
        {
            "RoleArn": ROLE,
            "RoleSessionName": "alice",
            "SourceIdentity": "alice",
            "ExternalId": "shared",
            "Tags": TAGS,
            "TransitiveTagKeys": ["tenant"],
        },
        "sts:TagSession",
        {
            "sts:RoleSessionName": "alice",
            "sts:SourceIdentity": "alice",
            "sts:ExternalId": "shared",
            "sts:TransitiveTagKeys": ["tenant"],
            "aws:RequestTag/tenant": "acme",
            "aws:TagKeys": ["tenant", "stage"],
            "aws:ResourceTag/tenant": "acme",
        },
    ),
    (
        "sagemaker",
        "CreateTrainingJob",
        {
            "TrainingJobName": "j",
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://b/out", "KmsKeyId": "k"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
                "VolumeKmsKeyId": "alias/acme",
            },
            "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1", "sg-2"]},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": False,
            "HyperParameters": {"InstanceType": "not-a-type"},
        },
        "sagemaker:CreateTrainingJob",
        {
            "sagemaker:InstanceTypes": ["ml.m5.large"],
            "sagemaker:InterContainerTrafficEncryption": False,
            "sagemaker:MaxRuntimeInSeconds": 60,
            "sagemaker:NetworkIsolation": True,
            "sagemaker:OutputKmsKey": KEY,
            "sagemaker:OutputKmsKeyArn": KEY,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSecurityGroupIds": ["sg-1", "sg-2"],
            "sagemaker:VpcSubnets": ["subnet-1"],
        },
    ),
    (
        "sagemaker",
        "CreateTrainingJob",
        {"TrainingJobName": "j", "OutputDataConfig": {"S3OutputPath": "s3://b/out"}},
        "sagemaker:CreateTrainingJob",
        {"sagemaker:OutputKmsKey": None, "sagemaker:VolumeKmsKey": None, "sagemaker:VpcSubnets": None},
    ),
    (
        "sagemaker",
        "CreateProcessingJob",
        {
            "ProcessingJobName": "j",
            "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": "k"},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeKmsKeyId": "k"}
            },
            "NetworkConfig": {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        },
        "sagemaker:CreateProcessingJob",
        {
            "sagemaker:OutputKmsKey": KEY,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSubnets": ["subnet-1"],
            "sagemaker:VpcSecurityGroupIds": ["sg-1"],
        },
    ),
    (
        "sagemaker",
        "CreateEndpointConfig",
        {
            "EndpointConfigName": "c",
            "KmsKeyId": "k",
            "ProductionVariants": [{"ModelName": "m", "VariantName": "v", "InstanceType": "ml.m5.large"}],
            "Tags": TAGS,
        },
        "sagemaker:CreateEndpointConfig",
        {
            "aws:RequestTag/tenant": "acme",
            "sagemaker:InstanceTypes": ["ml.m5.large"],
            "sagemaker:ModelArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m",
            "sagemaker:NetworkIsolation": True,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSubnets": ["subnet-1"],
        },
    ),
    (
        "sagemaker",
        "CreateEndpoint",
        {"EndpointName": "new", "EndpointConfigName": "c", "Tags": TAGS},
        "sagemaker:AddTags",
        {"sagemaker:TaggingAction": "CreateEndpoint", "aws:RequestTag/stage": "dev"},
    ),
    (
        "sagemaker",
        "AddTags",
        {"ResourceArn": ENDPOINT, "Tags": TAGS},
        "sagemaker:AddTags",
        {"sagemaker:TaggingAction": None, "aws:ResourceTag/tenant": "acme", "sagemaker:ResourceTag/tenant": "acme"},
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x", "TargetModel": "other.tar.gz"},
        "sagemaker:InvokeEndpoint",
        {"sagemaker:TargetModel": "other.tar.gz", "aws:ResourceTag/tenant": "acme"},
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x"},
        "sagemaker:InvokeEndpoint",
        {"sagemaker:TargetModel": None},
    ),
    (
        "ec2",
        "CreateNetworkInterfacePermission",
        {"NetworkInterfaceId": "eni-1", "AwsService": "sagemaker.amazonaws.com", "Permission": "INSTANCE-ATTACH"},
        "ec2:CreateNetworkInterfacePermission",
        {"ec2:Subnet": SUBNET, "ec2:Vpc": VPC, "ec2:AuthorizedService": "sagemaker.amazonaws.com"},
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupEgress",
        {"GroupId": "sg-1", "IpPermissions": []},
        "ec2:AuthorizeSecurityGroupEgress",
        {"aws:ResourceTag/tenant": "acme", "ec2:ResourceTag/tenant": "acme", "ec2:Vpc": VPC, "aws:TagKeys": None},
    ),
    (
        "ec2",
        "CreateSubnet",
        {
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/24",
            "TagSpecifications": [{"ResourceType": "subnet", "Tags": TAGS}],
        },
        "ec2:CreateTags",
        {"ec2:CreateAction": "CreateSubnet", "aws:RequestTag/tenant": "acme"},
    ),
    (
        "ec2",
        "CreateVpcEndpoint",
        {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-central-1.s3"},
        "ec2:CreateVpcEndpoint",
        {"ec2:VpceServiceName": "com.amazonaws.eu-central-1.s3"},
    ),
    (
        "ec2",
        "DeleteTags",
        {"Resources": ["sg-1"], "Tags": [{"Key": "tenant"}]},
        "ec2:DeleteTags",
        {"aws:TagKeys": ["tenant"], "aws:RequestTag/tenant": None, "ec2:CreateAction": None},
    ),
    (
        "logs",
        "TagResource",
        {"resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g", "tags": {"tenant": "acme"}},
        "logs:TagResource",
        {"aws:RequestTag/tenant": "acme", "aws:TagKeys": ["tenant"]},
    ),
    (
        "cloudwatch",
        "PutMetricData",
        {"Namespace": "own", "MetricData": []},
        "cloudwatch:PutMetricData",
        {"cloudwatch:namespace": "own"},
    ),
    (
        "application-autoscaling",
        "PutScalingPolicy",
        {"PolicyName": "p", "ServiceNamespace": "sagemaker", "ResourceId": "r", "ScalableDimension": "d"},
        "application-autoscaling:PutScalingPolicy",
        {
            "application-autoscaling:service-namespace": "sagemaker",
            "application-autoscaling:scalable-dimension": "d",
        },
    ),
    (
        "sns",
        "Subscribe",
        {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Protocol": "email", "Endpoint": "a@example.com"},
        "sns:Subscribe",
        {"sns:Protocol": "email", "sns:Endpoint": "a@example.com"},
    ),
]


def the(action: str, found: tuple[Needed, ...]) -> dict[str, Value]:
    """The context of all checks of an action."""
    contexts = [dict(one.context) for one in found if one.action == action]
    assert contexts, f"{action} is not among {[one.action for one in found]}"
    return {key: value for context in contexts for key, value in context.items()}


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "expected"),
    CASES,
    ids=[f"{number}-{action}" for number, (_, _, _, action, _) in enumerate(CASES)],
)
def test_a_check_has_the_keys_of_its_action(
    service: str, operation: str, parameters: dict[str, Any], action: str, expected: dict[str, Value | None]
) -> None:
    context = the(action, checks(service, operation, ESTATE, **parameters))
    assert {key: context.get(key) for key in expected} == expected


def test_only_the_type_that_is_tagged_has_the_requests_tags() -> None:
    """EC2 gives each type of resource in a request its own tags: a VPC does not get those of a new subnet."""
    tags = [{"ResourceType": "subnet", "Tags": TAGS}]
    found = checks("ec2", "CreateSubnet", ESTATE, VpcId="vpc-1", CidrBlock="10.0.0.0/24", TagSpecifications=tags)
    by_resource = {one.resource.split(":")[-1]: one.context for one in found if one.action == "ec2:CreateSubnet"}
    assert by_resource["subnet/*"]["aws:RequestTag/tenant"] == "acme"
    assert "aws:RequestTag/tenant" not in by_resource["vpc/vpc-1"]


def test_a_buckets_tags_are_no_context() -> None:
    """Tags of a bucket count only where its owner has switched that on."""
    estate = Estate(tagged={"arn:aws:s3:::b": {"tenant": "acme"}})
    assert not [key for key in checks("s3", "GetBucketPolicy", estate, Bucket="b")[0].context if "ResourceTag" in key]


def _token(claims: dict[str, Any]) -> str:
    parts = [{"alg": "RS256"}, claims]
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "x"])


def test_the_claims_of_a_token_are_keys_of_its_provider() -> None:
    token = _token(
        {
            "iss": "https://token.actions.githubusercontent.com",
            "aud": "sts.amazonaws.com",
            "sub": "repo:acme/models:environment:production",
            "https://aws.amazon.com/tags": {"principal_tags": {"tenant": ["acme"]}, "transitive_tag_keys": ["tenant"]},
        }
    )
    parameters: dict[str, Any] = {"RoleArn": ROLE, "RoleSessionName": "ci", "WebIdentityToken": token}
    found = checks("sts", "AssumeRoleWithWebIdentity", ESTATE, **parameters)
    assert [one.action for one in found] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    context = found[0].context
    assert context["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    assert context["token.actions.githubusercontent.com:sub"] == "repo:acme/models:environment:production"
    assert context["aws:RequestTag/tenant"] == "acme"
    assert context["sts:TransitiveTagKeys"] == ["tenant"]


_ASSERTION = """<r xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"><s:Issuer>https://idp</s:Issuer>
<s:NameID>alice</s:NameID><s:SubjectConfirmationData Recipient="https://signin.aws.amazon.com/saml"/>
<s:Attribute Name="urn:oid:1.3.6.1.4.1.5923.1.1.1.7"><s:AttributeValue>acme-science</s:AttributeValue>
<s:AttributeValue>all</s:AttributeValue></s:Attribute>
<s:Attribute Name="https://aws.amazon.com/SAML/Attributes/PrincipalTag:tenant"><s:AttributeValue>acme</s:AttributeValue>
</s:Attribute></r>"""


def test_the_attributes_of_an_assertion_are_keys() -> None:
    assertion = base64.b64encode(_ASSERTION.encode()).decode()
    parameters: dict[str, Any] = {"RoleArn": ROLE, "PrincipalArn": "p", "SAMLAssertion": assertion}
    found = checks("sts", "AssumeRoleWithSAML", ESTATE, **parameters)
    assert [one.action for one in found] == ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    context = found[0].context
    assert context["saml:aud"] == "https://signin.aws.amazon.com/saml"
    assert context["saml:sub"] == "alice"
    assert context["saml:iss"] == "https://idp"
    assert context["saml:edupersonentitlement"] == ["acme-science", "all"]
    assert context["aws:RequestTag/tenant"] == "acme"
