"""Calls of S3, KMS, IAM and STS with the actions and resources that AWS documents for them."""

from __future__ import annotations

from typing import Any

from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE
from tests.sandbox.enforcement.requests.estate import KEY, OTHER, iam

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
]
