"""PrivateBucket: a bucket as all of ours are: encrypted, versioned, owned by the account, closed to the public."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import s3

from components.base import token

#: Days after which an upload that was begun and never ended is given up.
ABORT_UPLOAD_DAYS = 7


@dataclass(frozen=True, kw_only=True)
class ObjectLock:
    """How long nobody can delete an object.

    Args:
        days: The retention of every new object.
        compliance: True: nobody at all can shorten it or delete a version, the root user included. False: a principal
            with ``s3:BypassGovernanceRetention`` can.
    """

    days: int
    compliance: bool


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """What a private bucket is made of.

    Args:
        bucket: Its name.
        policy: The bucket policy as JSON.
        key_arn: The KMS key that encrypts its objects; None for S3's own keys, where the writer can use no other.
        expire_days: Days after which an object expires; None for never.
        noncurrent_days: Days that a replaced or deleted version is kept.
        logs_to: The bucket that the access log is delivered to, under this bucket's name; None for no log.
        lock: The object lock; it is decided when the bucket is made.
        keep: True: a destroy is refused. False: a destroy deletes the objects too.
    """

    bucket: str
    policy: Input[str]
    key_arn: Input[str] | None
    noncurrent_days: int
    keep: bool
    expire_days: int | None = None
    logs_to: str | None = None
    lock: ObjectLock | None = None


class PrivateBucket(pulumi.ComponentResource):
    """An S3 bucket and the settings that make it private.

    Sources: Amazon S3 User Guide, "Security best practices for Amazon S3", "Reducing the cost of SSE-KMS with Amazon S3
    Bucket Keys", "Locking objects with Object Lock".
    """

    bucket_id: Output[str]
    """The bucket's name, known when the bucket is there."""
    bucket_arn: Output[str]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("PrivateBucket"), name, {}, opts)
        bucket = s3.Bucket(
            name,
            bucket=args.bucket,
            force_destroy=not args.keep,
            object_lock_enabled=args.lock is not None,
            opts=ResourceOptions(parent=self, protect=args.keep),
        )
        # The settings go with the bucket: to take them away one by one would open it while it still holds objects. And
        # they stay with it: a plain destroy deletes all that is not protected, before it says what it could not delete.
        setting = ResourceOptions(parent=self, protect=args.keep, deleted_with=bucket)
        public = s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=setting,
        )
        s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=setting
        )
        s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.id, rules=[_encryption(args.key_arn)], opts=setting
        )
        versioning = s3.BucketVersioning(
            name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=setting
        )
        # S3 takes the lifecycle of versions, and a lock, once there are versions.
        versioned = ResourceOptions(parent=self, protect=args.keep, deleted_with=bucket, depends_on=[versioning])
        s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=_lifecycle(args), opts=versioned)
        if args.lock is not None:
            s3.BucketObjectLockConfiguration(name, bucket=bucket.id, rule=_retention(args.lock), opts=versioned)
        if args.logs_to is not None:
            s3.BucketLogging(
                name, bucket=bucket.id, target_bucket=args.logs_to, target_prefix=f"{args.bucket}/", opts=setting
            )
        # The policy goes first: while it stands, nobody can empty the bucket.
        s3.BucketPolicy(
            name,
            bucket=bucket.id,
            policy=args.policy,
            opts=ResourceOptions(parent=self, protect=args.keep, depends_on=[public]),
        )
        self.bucket_id = bucket.id
        self.bucket_arn = bucket.arn
        self.register_outputs({"bucket_id": self.bucket_id, "bucket_arn": self.bucket_arn})


def _encryption(key_arn: Input[str] | None) -> s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    if key_arn is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
        "bucket_key_enabled": True,
    }


def _lifecycle(args: PrivateBucketArgs) -> list[s3.BucketLifecycleConfigurationRuleArgsDict]:
    rule: s3.BucketLifecycleConfigurationRuleArgsDict = {
        "id": "keep-what-is-current",
        "status": "Enabled",
        "filter": {},
        "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOAD_DAYS},
        "noncurrent_version_expiration": {"noncurrent_days": args.noncurrent_days},
    }
    if args.expire_days is not None:
        rule["expiration"] = {"days": args.expire_days}
    return [rule]


def _retention(lock: ObjectLock) -> s3.BucketObjectLockConfigurationRuleArgsDict:
    return {"default_retention": {"mode": "COMPLIANCE" if lock.compliance else "GOVERNANCE", "days": lock.days}}
