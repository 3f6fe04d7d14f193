"""Operations need the actions, on the resources, that AWS documents for them."""

from __future__ import annotations

from typing import Any

import pytest

from infra.sandbox.enforcement.requests import Operation, Unmapped, required
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE, Caller, Estate, checks, pairs

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f5ca1ab"
OTHER = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/b0b0b0b0"
VPC = "vpc-1"


def sagemaker(path: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{path}"


def ec2(path: str) -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{path}"


def iam(path: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{path}"


ESTATE = Estate(
    arns={
        "0f5ca1ab": KEY,
        "alias/acme": KEY,
        KEY: KEY,
        OTHER: OTHER,
        "training": ROLE,
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint": iam("role/aws-service-role/x/y"),
        "sagemaker|endpoint/e/variant/v|d": f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/t1",
        "instance-profile/profile": ROLE,
        "db": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf",
    },
    ciphertexts={b"sealed": KEY},
    grants={"token": OTHER},
    associations={
        "rtbassoc-1": {"route-table": "rtb-1", "subnet": "subnet-1"},
        "eni-perm-1": {"network-interface": "eni-1"},
    },
    object_tagged={("b", "tagged"): {"a": "b"}},
)

#: (service, operation, parameters, actions with their resources)
CASES: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    # S3: names differ, versions have actions of their own, and a copy has two sides.
    ("s3", "ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
    ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
    ("s3", "ListObjectVersions", {"Bucket": "b"}, [("s3:ListBucketVersions", "arn:aws:s3:::b")]),
    ("s3", "HeadBucket", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
    ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k", "VersionId": "v"}, [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
    ("s3", "DeleteObject", {"Bucket": "b", "Key": "k"}, [("s3:DeleteObject", "arn:aws:s3:::b/k")]),
    (
        "s3",
        "DeleteObject",
        {"Bucket": "b", "Key": "k", "VersionId": "v", "BypassGovernanceRetention": True},
        [("s3:DeleteObjectVersion", "arn:aws:s3:::b/k"), ("s3:BypassGovernanceRetention", "arn:aws:s3:::b/k")],
    ),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}},
        [("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/2")],
    ),
    (
        "s3",
        "PutObject",
        {
            "Bucket": "b",
            "Key": "k",
            "Body": b"",
            "ACL": "public-read",
            "Tagging": "a=b",
            "ObjectLockMode": "GOVERNANCE",
            "ObjectLockLegalHoldStatus": "ON",
        },
        [
            ("s3:PutObject", "arn:aws:s3:::b/k"),
            ("s3:PutObjectAcl", "arn:aws:s3:::b/k"),
            ("s3:PutObjectLegalHold", "arn:aws:s3:::b/k"),
            ("s3:PutObjectRetention", "arn:aws:s3:::b/k"),
            ("s3:PutObjectTagging", "arn:aws:s3:::b/k"),
        ],
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "b", "Key": "k", "CopySource": {"Bucket": "c", "Key": "a b", "VersionId": "v"}},
        [("s3:GetObjectVersion", "arn:aws:s3:::c/a b"), ("s3:PutObject", "arn:aws:s3:::b/k")],
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "b", "Key": "k", "CopySource": "b/tagged"},
        [
            ("s3:PutObjectTagging", "arn:aws:s3:::b/k"),
            ("s3:GetObject", "arn:aws:s3:::b/tagged"),
            ("s3:GetObjectTagging", "arn:aws:s3:::b/tagged"),
            ("s3:PutObject", "arn:aws:s3:::b/k"),
        ],
    ),
    (
        "s3",
        "UploadPartCopy",
        {"Bucket": "b", "Key": "k", "CopySource": "c/d", "UploadId": "u", "PartNumber": 1},
        [("s3:GetObject", "arn:aws:s3:::c/d"), ("s3:PutObject", "arn:aws:s3:::b/k")],
    ),
    (
        "s3",
        "GetObjectAttributes",
        {"Bucket": "b", "Key": "k", "ObjectAttributes": ["ETag"]},
        [("s3:GetObject", "arn:aws:s3:::b/k"), ("s3:GetObjectAttributes", "arn:aws:s3:::b/k")],
    ),
    (
        "s3",
        "PutBucketEncryption",
        {"Bucket": "b", "ServerSideEncryptionConfiguration": {"Rules": []}},
        [("s3:PutEncryptionConfiguration", "arn:aws:s3:::b")],
    ),
    ("s3", "GetPublicAccessBlock", {"Bucket": "b"}, [("s3:GetBucketPublicAccessBlock", "arn:aws:s3:::b")]),
    ("s3", "DeleteBucketLifecycle", {"Bucket": "b"}, [("s3:PutLifecycleConfiguration", "arn:aws:s3:::b")]),
    (
        "s3",
        "CreateBucket",
        {"Bucket": "b", "ObjectLockEnabledForBucket": True},
        [
            ("s3:CreateBucket", "arn:aws:s3:::b"),
            ("s3:PutBucketObjectLockConfiguration", "arn:aws:s3:::b"),
            ("s3:PutBucketVersioning", "arn:aws:s3:::b"),
        ],
    ),
    (
        "s3control",
        "TagResource",
        {"AccountId": ACCOUNT, "ResourceArn": "arn:aws:s3:::b", "Tags": [{"Key": "a", "Value": "b"}]},
        [("s3:TagResource", "arn:aws:s3:::b")],
    ),
    ("s3control", "GetPublicAccessBlock", {"AccountId": ACCOUNT}, [("s3:GetAccountPublicAccessBlock", "*")]),
    # KMS: a key by its id, its alias, its ciphertext; an alias with the keys that it leaves and comes to.
    ("kms", "DescribeKey", {"KeyId": "0f5ca1ab"}, [("kms:DescribeKey", KEY)]),
    ("kms", "Encrypt", {"KeyId": "alias/acme", "Plaintext": b"x"}, [("kms:Encrypt", KEY)]),
    ("kms", "Decrypt", {"CiphertextBlob": b"sealed"}, [("kms:Decrypt", KEY)]),
    ("kms", "Decrypt", {"CiphertextBlob": b"sealed", "KeyId": OTHER}, [("kms:Decrypt", KEY)]),
    (
        "kms",
        "ReEncrypt",
        {"CiphertextBlob": b"sealed", "DestinationKeyId": OTHER},
        [("kms:ReEncryptFrom", KEY), ("kms:ReEncryptTo", OTHER)],
    ),
    (
        "kms",
        "CreateAlias",
        {"AliasName": "alias/new", "TargetKeyId": OTHER},
        [("kms:CreateAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/new"), ("kms:CreateAlias", OTHER)],
    ),
    (
        "kms",
        "UpdateAlias",
        {"AliasName": "alias/acme", "TargetKeyId": OTHER},
        [
            ("kms:UpdateAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/acme"),
            ("kms:UpdateAlias", KEY),
            ("kms:UpdateAlias", OTHER),
        ],
    ),
    (
        "kms",
        "DeleteAlias",
        {"AliasName": "alias/acme"},
        [("kms:DeleteAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/acme"), ("kms:DeleteAlias", KEY)],
    ),
    ("kms", "RetireGrant", {"GrantToken": "token"}, [("kms:RetireGrant", OTHER)]),
    ("kms", "ListKeys", {}, [("kms:ListKeys", "*")]),
    (
        "kms",
        "CreateKey",
        {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
        [("kms:CreateKey", "*"), ("kms:TagResource", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*")],
    ),
    # IAM: paths of what is made are in the request, of what is there in the estate.
    (
        "iam",
        "CreateRole",
        {"RoleName": "r", "Path": "/a/b/", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "k", "Value": "v"}]},
        [("iam:CreateRole", iam("role/a/b/r")), ("iam:TagRole", iam("role/a/b/r"))],
    ),
    ("iam", "GetRole", {"RoleName": "training"}, [("iam:GetRole", ROLE)]),
    ("iam", "GetRole", {"RoleName": "nobody"}, [("iam:GetRole", iam("role/nobody"))]),
    ("iam", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": "{}"}, [("iam:CreatePolicy", iam("policy/p"))]),
    ("iam", "ListRoles", {}, [("iam:ListRoles", "*")]),
    ("iam", "GetUser", {}, [("iam:GetUser", iam("user/*"))]),
    (
        "iam",
        "CreateOpenIDConnectProvider",
        {"Url": "https://token.example.com/a", "ClientIDList": ["x"]},
        [("iam:CreateOpenIDConnectProvider", iam("oidc-provider/token.example.com/a"))],
    ),
    (
        "iam",
        "AddRoleToInstanceProfile",
        {"InstanceProfileName": "i", "RoleName": "training"},
        [("iam:AddRoleToInstanceProfile", iam("instance-profile/i")), ("iam:PassRole", ROLE)],
    ),
    (
        "iam",
        "CreateServiceLinkedRole",
        {"AWSServiceName": "guardduty.amazonaws.com"},
        [
            (
                "iam:CreateServiceLinkedRole",
                iam("role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"),
            )
        ],
    ),
    # STS
    ("sts", "GetCallerIdentity", {}, []),
    ("sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "s"}, [("sts:AssumeRole", ROLE)]),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": ROLE, "RoleSessionName": "s", "SourceIdentity": "me", "Tags": [{"Key": "a", "Value": "b"}]},
        [("sts:AssumeRole", ROLE), ("sts:TagSession", ROLE), ("sts:SetSourceIdentity", ROLE)],
    ),
    # SageMaker
    ("sagemaker", "DescribeEndpoint", {"EndpointName": "e"}, [("sagemaker:DescribeEndpoint", sagemaker("endpoint/e"))]),
    ("sagemaker", "ListEndpoints", {}, [("sagemaker:ListEndpoints", "*")]),
    (
        "sagemaker",
        "CreateEndpoint",
        {"EndpointName": "e", "EndpointConfigName": "c", "Tags": [{"Key": "a", "Value": "b"}]},
        [
            ("sagemaker:CreateEndpoint", sagemaker("endpoint/e")),
            ("sagemaker:CreateEndpoint", sagemaker("endpoint-config/c")),
            ("sagemaker:AddTags", sagemaker("endpoint/e")),
        ],
    ),
    (
        "sagemaker",
        "AddTags",
        {"ResourceArn": sagemaker("model/m"), "Tags": [{"Key": "a", "Value": "b"}]},
        [("sagemaker:AddTags", sagemaker("model/m"))],
    ),
    (
        "sagemaker",
        "DescribeModelPackage",
        {"ModelPackageName": sagemaker("model-package/g/1")},
        [("sagemaker:DescribeModelPackage", sagemaker("model-package/g/1"))],
    ),
    (
        "sagemaker",
        "CreateModelPackage",
        {"ModelPackageGroupName": "g"},
        [("sagemaker:CreateModelPackage", sagemaker("model-package/g/*"))],
    ),
    (
        "sagemaker",
        "ListModelPackages",
        {"ModelPackageGroupName": sagemaker("model-package-group/g")},
        [("sagemaker:ListModelPackages", sagemaker("model-package/g/*"))],
    ),
    (
        "sagemaker",
        "CreatePresignedDomainUrl",
        {"DomainId": "d-1", "UserProfileName": "u"},
        [("sagemaker:CreatePresignedDomainUrl", sagemaker("user-profile/d-1/u"))],
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x"},
        [("sagemaker:InvokeEndpoint", sagemaker("endpoint/e"))],
    ),
    # EC2: every resource in the request, what is made with a star, tags for each type.
    ("ec2", "DescribeVpcs", {"VpcIds": [VPC]}, [("ec2:DescribeVpcs", "*")]),
    (
        "ec2",
        "CreateSubnet",
        {
            "VpcId": VPC,
            "CidrBlock": "10.0.0.0/24",
            "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}],
        },
        [
            ("ec2:CreateSubnet", ec2("subnet/*")),
            ("ec2:CreateSubnet", ec2("vpc/vpc-1")),
            ("ec2:CreateTags", ec2("subnet/*")),
        ],
    ),
    (
        "ec2",
        "CreateTags",
        {"Resources": [VPC, "sg-2"], "Tags": [{"Key": "a", "Value": "b"}]},
        [("ec2:CreateTags", ec2("vpc/vpc-1")), ("ec2:CreateTags", ec2("security-group/sg-2"))],
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-1",
            "IpPermissions": [],
            "TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "b"}]}],
        },
        [
            ("ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-1")),
            ("ec2:AuthorizeSecurityGroupIngress", ec2("security-group-rule/*")),
            ("ec2:CreateTags", ec2("security-group-rule/*")),
        ],
    ),
    (
        "ec2",
        "ModifySecurityGroupRules",
        {"GroupId": "sg-1", "SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": {}}]},
        [
            ("ec2:ModifySecurityGroupRules", ec2("security-group-rule/sgr-1")),
            ("ec2:ModifySecurityGroupRules", ec2("security-group/sg-1")),
        ],
    ),
    (
        "ec2",
        "ReplaceRouteTableAssociation",
        {"AssociationId": "rtbassoc-1", "RouteTableId": "rtb-2"},
        [
            ("ec2:ReplaceRouteTableAssociation", ec2("route-table/rtb-1")),
            ("ec2:ReplaceRouteTableAssociation", ec2("subnet/subnet-1")),
            ("ec2:ReplaceRouteTableAssociation", ec2("route-table/rtb-2")),
        ],
    ),
    (
        "ec2",
        "DisassociateRouteTable",
        {"AssociationId": "rtbassoc-1"},
        [
            ("ec2:DisassociateRouteTable", ec2("route-table/rtb-1")),
            ("ec2:DisassociateRouteTable", ec2("subnet/subnet-1")),
        ],
    ),
    (
        "ec2",
        "DeleteNetworkInterfacePermission",
        {"NetworkInterfacePermissionId": "eni-perm-1"},
        [("ec2:DeleteNetworkInterfacePermission", ec2("network-interface/eni-1"))],
    ),
    (
        "ec2",
        "DeleteVpcEndpoints",
        {"VpcEndpointIds": ["vpce-1", "vpce-2"]},
        [
            ("ec2:DeleteVpcEndpoints", ec2("vpc-endpoint/vpce-1")),
            ("ec2:DeleteVpcEndpoints", ec2("vpc-endpoint/vpce-2")),
        ],
    ),
    (
        "ec2",
        "CreateFlowLogs",
        {"ResourceIds": [VPC], "ResourceType": "VPC", "DeliverLogsPermissionArn": ROLE},
        [
            ("ec2:CreateFlowLogs", ec2("vpc/vpc-1")),
            ("ec2:CreateFlowLogs", ec2("vpc-flow-log/*")),
            ("iam:PassRole", ROLE),
        ],
    ),
    # Logs: a group is written with its streams, but for tags.
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "/a/b", "tags": {"a": "b"}},
        [
            ("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a/b:log-stream:"),
            ("logs:TagResource", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a/b"),
        ],
    ),
    (
        "logs",
        "GetLogEvents",
        {"logGroupName": "g", "logStreamName": "s"},
        [("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g:log-stream:s")],
    ),
    ("logs", "DescribeLogGroups", {}, [("logs:DescribeLogGroups", "*")]),
    # The others
    ("cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": []}, [("cloudwatch:PutMetricData", "*")]),
    (
        "cloudwatch",
        "DeleteAlarms",
        {"AlarmNames": ["a", "b"]},
        [
            ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a"),
            ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:b"),
        ],
    ),
    (
        "cloudwatch",
        "DescribeAlarms",
        {},
        [("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*")],
    ),
    (
        "application-autoscaling",
        "RegisterScalableTarget",
        {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v", "ScalableDimension": "d"},
        [
            (
                "application-autoscaling:RegisterScalableTarget",
                f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/t1",
            )
        ],
    ),
    ("ecr", "GetAuthorizationToken", {}, [("ecr:GetAuthorizationToken", "*")]),
    (
        "ecr",
        "BatchGetImage",
        {"repositoryName": "r", "imageIds": []},
        [("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/r")],
    ),
    (
        "budgets",
        "CreateBudget",
        {"AccountId": ACCOUNT, "Budget": {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY"}},
        [("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/b")],
    ),
    (
        "budgets",
        "DescribeBudgets",
        {"AccountId": ACCOUNT},
        [("budgets:ViewBudget", f"arn:aws:budgets::{ACCOUNT}:budget/*")],
    ),
    (
        "sns",
        "Unsubscribe",
        {"SubscriptionArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t:uuid"},
        [("sns:Unsubscribe", f"arn:aws:sns:{REGION}:{ACCOUNT}:t")],
    ),
    ("sns", "CreateTopic", {"Name": "t"}, [("sns:CreateTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:t")]),
    (
        "sqs",
        "SendMessageBatch",
        {"QueueUrl": "http://127.0.0.1:5000/999999999999/q", "Entries": []},
        [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:999999999999:q")],
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "db"},
        [("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf")],
    ),
    (
        "events",
        "PutRule",
        {"Name": "r", "EventBusName": "bus"},
        [("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/bus/r")],
    ),
    ("events", "DeleteRule", {"Name": "r"}, [("events:DeleteRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r")]),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "f"},
        [("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")],
    ),
    (
        "config",
        "PutConfigurationRecorder",
        {"ConfigurationRecorder": {"name": "default", "roleARN": ROLE}},
        [
            (
                "config:PutConfigurationRecorder",
                f"arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/default/*",
            ),
            ("iam:PassRole", ROLE),
        ],
    ),
    (
        "guardduty",
        "GetDetector",
        {"DetectorId": "d"},
        [("guardduty:GetDetector", f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d")],
    ),
    ("resourcegroupstaggingapi", "GetResources", {}, [("tag:GetResources", "*")]),
    (
        "resourcegroupstaggingapi",
        "TagResources",
        {"ResourceARNList": [KEY, sagemaker("model/m")], "Tags": {"a": "b"}},
        [("tag:TagResources", "*"), ("kms:TagResource", KEY), ("sagemaker:AddTags", sagemaker("model/m"))],
    ),
]


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    CASES,
    ids=[f"{number}-{service}-{operation}" for number, (service, operation, _, _) in enumerate(CASES)],
)
def test_an_operation_needs_its_actions_on_its_resources(
    service: str, operation: str, parameters: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = pairs(checks(service, operation, ESTATE, **parameters))
    # An account's public access block is of the account, for which the reference has no resource.
    assert found == expected


def test_a_user_without_a_name_is_the_caller() -> None:
    me = f"arn:aws:iam::{ACCOUNT}:user/people/me"
    assert pairs(checks("iam", "GetUser", caller=Caller(me))) == [("iam:GetUser", me)]
    assert pairs(checks("iam", "CreateAccessKey", caller=Caller(me))) == [("iam:CreateAccessKey", me)]


def test_names_are_looked_up_in_the_callers_account() -> None:
    outsider = Caller("arn:aws:iam::999999999999:user/o", "999999999999")
    found = checks("sagemaker", "DescribeEndpoint", caller=outsider, EndpointName="e")
    assert pairs(found) == [("sagemaker:DescribeEndpoint", f"arn:aws:sagemaker:{REGION}:999999999999:endpoint/e")]
    assert found[0].resource_account == "999999999999"


def test_the_owner_of_a_resource_is_its_arns_or_the_one_that_is_looked_up() -> None:
    estate = Estate(owners={"arn:aws:s3:::theirs": "999999999999"})
    assert checks("s3", "GetObject", estate, Bucket="theirs", Key="k")[0].resource_account == "999999999999"
    assert checks("s3", "CreateBucket", estate, Bucket="new")[0].resource_account == ACCOUNT
    key = f"arn:aws:kms:{REGION}:999999999999:key/k"
    assert checks("kms", "DescribeKey", Estate(arns={key: key}), KeyId=key)[0].resource_account == "999999999999"
    assert checks("s3", "ListBuckets")[0].resource_account is None


UNMAPPED: list[tuple[str, str, dict[str, Any], str]] = [
    ("dynamodb", "Scan", {"TableName": "t"}, "none of those in use"),
    ("s3", "CreateSession", {"Bucket": "b"}, "no s3:CreateSession"),
    ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "nonsense"}, "to copy from"),
    ("sagemaker", "DeleteEndpoint", {}, "names no"),
    ("sagemaker", "AddTags", {"ResourceArn": "endpoint/e"}, "no ARN"),
    ("sagemaker", "AddTags", {"ResourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:nothing/e"}, "names no resource"),
    ("kms", "ScheduleKeyDeletion", {}, "names no"),
    ("kms", "CreateAlias", {"TargetKeyId": "k"}, "no alias"),
    ("ec2", "DeleteTags", {"Resources": ["mystery-1"]}, "no id of a known type"),
    ("ec2", "DeleteVpcEndpoints", {}, "names no"),
    ("sts", "AssumeRole", {"RoleSessionName": "s"}, "no role"),
    ("sts", "AssumeRoleWithWebIdentity", {"RoleArn": ROLE, "WebIdentityToken": "x"}, "cannot be read"),
    ("sts", "AssumeRoleWithSAML", {"RoleArn": ROLE, "SAMLAssertion": "PCFET0NUWVBFIGE+"}, "document type"),
    ("resourcegroupstaggingapi", "TagResources", {"ResourceARNList": ["arn:aws:x:::y"], "Tags": {}}, "which action"),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "why"), UNMAPPED)
def test_a_call_that_does_not_say_what_it_works_on_is_unmapped(
    service: str, operation: str, parameters: dict[str, Any], why: str
) -> None:
    """It is denied by name, and never checked against less than it does."""
    call = Operation(service=service, name=operation, parameters=parameters, region=REGION)
    found = required(call, ESTATE, Caller())
    assert isinstance(found, Unmapped)
    assert (found.service, found.operation) == (service, operation)
    assert why in found.why
