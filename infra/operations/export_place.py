"""The bucket of the exports: private, encrypted by a key of its own, and emptied by itself after some days.

The service keeps it as it must be at each export. No stack makes it and no role of the blueprint reaches it: what is in
it belongs to tenants that are gone, and is fetched by links that the service signs.

Sources: Amazon S3 User Guide, "Security best practices for Amazon S3", "Verifying bucket ownership with bucket owner
condition", "Setting an S3 Lifecycle configuration".
"""

from __future__ import annotations

import json
from contextlib import suppress

from infra import naming
from infra.erasure.account import ErasableAccount
from infra.live.account import Absent, Unread
from infra.policies.bucket import encrypted_transport
from infra.policies.document import PolicyDocument
from infra.spec import PlatformSpec
from infra.tags import platform_tags

#: After how many days an export is deleted.
DAYS = 30
_DAYS_OF_UPLOADS = 1
_NO_CONSTRAINT = "us-east-1"


def ensure(account: ErasableAccount, platform: PlatformSpec) -> str:
    """Make the bucket where it is missing, and as it must be where it is there; returns its name.

    Args:
        account: The account, by the service's own credentials.
        platform: The platform's spec.

    Raises:
        Unread: AWS refuses, or the name is another account's bucket.
    """
    bucket = naming.exports_bucket(platform)
    own = {"Bucket": bucket, "ExpectedBucketOwner": platform.account}
    try:
        account.read("s3", "head_bucket", **own)
    except Absent:
        where = {"CreateBucketConfiguration": {"LocationConstraint": platform.region}}
        account.change("s3", "create_bucket", Bucket=bucket, **(where if platform.region != _NO_CONSTRAINT else {}))
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    account.change("s3", "put_public_access_block", **own, PublicAccessBlockConfiguration=closed)
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": _key(account, platform)}
    account.change(
        "s3", "put_bucket_encryption", **own,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]
        },
    )  # fmt: skip
    rule = {
        "ID": "exports-expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": DAYS},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _DAYS_OF_UPLOADS},
    }  # fmt: skip
    account.change("s3", "put_bucket_lifecycle_configuration", **own, LifecycleConfiguration={"Rules": [rule]})
    transport = PolicyDocument(tuple(encrypted_transport(naming.bucket_arn(bucket))))
    account.change("s3", "put_bucket_policy", **own, Policy=json.dumps(transport.to_json()))
    return bucket


def _key(account: ErasableAccount, platform: PlatformSpec) -> str:
    alias = naming.exports_key_alias(platform)
    with suppress(Absent):
        return str(account.read("kms", "describe_key", KeyId=alias)["KeyMetadata"]["Arn"])
    tags = [{"TagKey": name, "TagValue": value} for name, value in platform_tags(platform).items()]
    made = account.change("kms", "create_key", Description="Exports of tenants that are erased.", Tags=tags)
    arn = str(made["KeyMetadata"]["Arn"])
    account.change("kms", "enable_key_rotation", KeyId=arn)
    try:
        account.change("kms", "create_alias", AliasName=alias, TargetKeyId=arn)
    except Unread as refusal:
        if refusal.code != "AlreadyExistsException":
            raise
        # Another export has made it at the same time: this key was used for nothing.
        account.change("kms", "schedule_key_deletion", KeyId=arn, PendingWindowInDays=7)
        return str(account.read("kms", "describe_key", KeyId=alias)["KeyMetadata"]["Arn"])
    return arn
