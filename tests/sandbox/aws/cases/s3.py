"""Contract cases of S3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
from botocore.exceptions import ClientError

from .case import Case, Clients, Inputs, Needs, Outputs


def _buckets(boto: Clients) -> set[str]:
    return {bucket["Name"] for bucket in boto("s3").list_buckets()["Buckets"]}


def _two_buckets(name: str) -> Needs:
    return {each: aws.s3.Bucket(f"{name}-{each}") for each in ("one", "two")}


def _two_buckets_and_a_log(name: str) -> Needs:
    """S3 accepts a target bucket only if its policy lets the log delivery service write."""
    made = _two_buckets(name)
    target = aws.s3.Bucket(f"{name}-log", force_destroy=True)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
    }

    def document(arn: str) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": f"{arn}/*"}]})

    return {**made, "log": aws.s3.BucketPolicy(f"{name}-log", bucket=target.id, policy=target.arn.apply(document))}


def _two_locked(name: str) -> Needs:
    return {each: aws.s3.Bucket(f"{name}-{each}", object_lock_enabled=True) for each in ("one", "two")}


def _retag(boto: Clients, bucket: Outputs) -> None:
    boto("s3").put_bucket_tagging(Bucket=bucket["id"], Tagging={"TagSet": [{"Key": "owner", "Value": "other"}]})


def _setting(
    name: str,
    first: Inputs | Callable[[Needs], Inputs],
    second: Inputs,
    tamper: Callable[[Any, str], Any],
    tampered: str,
    needs: Callable[[str], Needs] = _two_buckets,
) -> Case:
    """A setting of a bucket: it is replaced when it moves to another bucket."""

    def inputs(made: Needs) -> Inputs:
        return {"bucket": made["one"].id, **(first(made) if callable(first) else first)}

    return Case(
        type=f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        needs=needs,
        inputs=inputs,
        update=lambda _: second,
        replace=lambda made: {"bucket": made["two"].id},
        tamper=lambda boto, outputs: tamper(boto("s3"), outputs["bucket"]),
        tampered=tampered,
        left=lambda boto: _left(boto, name),
    )


_GETTERS = {"BucketPolicy": "get_bucket_policy", "BucketLifecycleConfiguration": "get_bucket_lifecycle_configuration"}


def _left(boto: Clients, name: str) -> set[str]:
    """A setting goes with its bucket at the latest; policies and rules are looked for by themselves."""
    getter = _GETTERS.get(name)
    buckets = _buckets(boto)
    if getter is None:
        return buckets
    left: set[str] = set()
    for bucket in buckets:
        try:
            getattr(boto("s3"), getter)(Bucket=bucket)
        except ClientError:
            continue
        left.add(bucket)
    return left


def _policy(made: Needs, action: str) -> Any:
    def document(arn: str) -> str:
        statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"{arn}/*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    return made["one"].arn.apply(document)


_OTHER_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::x/*"}],
    }
)


def _encryption(keys: bool) -> Inputs:
    algorithm = {"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-central-1:123456789012:key/one"}
    return {"rules": [{"apply_server_side_encryption_by_default": algorithm, "bucket_key_enabled": keys}]}


def _rules(days: int) -> Inputs:
    return {
        "rules": [
            {
                "id": "old",
                "status": "Enabled",
                "filter": {"prefix": "captured/"},
                "expiration": {"days": days},
                "noncurrent_version_expiration": {"noncurrent_days": 30},
            },
            {
                "id": "parts",
                "status": "Enabled",
                "abort_incomplete_multipart_upload": {"days_after_initiation": 3},
            },
        ]
    }


CASES = (
    Case(
        type="aws:s3/bucket:Bucket",
        inputs=lambda _: {"bucket": "contract-one", "tags": {"owner": "one"}},
        update=lambda _: {"tags": {"team": "two"}, "force_destroy": True},
        replace=lambda _: {"bucket": "contract-two", "object_lock_enabled": True},
        tamper=_retag,
        tampered="tags",
        left=_buckets,
    ),
    _setting(
        "BucketVersioning",
        {"versioning_configuration": {"status": "Enabled"}},
        {"versioning_configuration": {"status": "Suspended"}},
        lambda s3, bucket: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}),
        "versioningConfiguration",
    ),
    _setting(
        "BucketServerSideEncryptionConfiguration",
        _encryption(keys=False),
        _encryption(keys=True),
        lambda s3, bucket: s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
        "rules",
    ),
    _setting(
        "BucketPublicAccessBlock",
        {"block_public_acls": True, "block_public_policy": True},
        {"ignore_public_acls": True, "restrict_public_buckets": True},
        lambda s3, bucket: s3.put_public_access_block(
            Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": False}
        ),
        "blockPublicAcls",
    ),
    _setting(
        "BucketOwnershipControls",
        {"rule": {"object_ownership": "BucketOwnerPreferred"}},
        {"rule": {"object_ownership": "BucketOwnerEnforced"}},
        lambda s3, bucket: s3.put_bucket_ownership_controls(
            Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
        "rule",
    ),
    _setting(
        "BucketPolicy",
        lambda made: {"policy": _policy(made, "s3:DeleteObject")},
        {"policy": _OTHER_POLICY},
        lambda s3, bucket: s3.put_bucket_policy(Bucket=bucket, Policy=_OTHER_POLICY.replace("Put", "Get")),
        "policy",
    ),
    _setting(
        "BucketLifecycleConfiguration",
        _rules(10),
        _rules(20),
        lambda s3, bucket: s3.put_bucket_lifecycle_configuration(
            Bucket=bucket,
            LifecycleConfiguration={
                "Rules": [{"ID": "x", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
            },
        ),
        "rules",
    ),
    _setting(
        "BucketLogging",
        lambda made: {"target_bucket": made["log"].bucket, "target_prefix": "one/"},
        {"target_prefix": "two/"},
        lambda s3, bucket: s3.put_bucket_logging(
            Bucket=bucket,
            BucketLoggingStatus={
                "LoggingEnabled": {
                    "TargetBucket": s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"],
                    "TargetPrefix": "three/",
                }
            },
        ),
        "targetPrefix",
        needs=_two_buckets_and_a_log,
    ),
    _setting(
        "BucketObjectLockConfiguration",
        {"rule": {"default_retention": {"mode": "GOVERNANCE", "days": 1}}},
        {"rule": {"default_retention": {"mode": "COMPLIANCE", "days": 2}}},
        lambda s3, bucket: s3.put_object_lock_configuration(
            Bucket=bucket,
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 9}},
            },
        ),
        "rule",
        needs=_two_locked,
    ),
)
