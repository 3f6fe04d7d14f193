"""What every bucket of a stack must have beside itself: its settings are resources of their own.

Source: AWS Security Hub User Guide, "Security Hub CSPM controls for Amazon S3".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.constraints.policies import conditions, documents, strings
from infra.constraints.values import flag, inner, text
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule, StackCheck
from infra.policy_pack.rules.parts import names, of_type, parts_of

_BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_TRAIL = "aws:cloudtrail/trail:Trail"
_LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
_LOGGING = "aws:s3/bucketLogging:BucketLogging"

Found = Iterator[tuple[StackResource, Finding]]


def _missing(token: str, message: str) -> StackCheck:
    """A check that every bucket has settings of a type."""

    def check(stack: Sequence[StackResource], expected: Expectations) -> Found:
        del expected
        for bucket in of_type(stack, *_BUCKETS):
            if parts_of(stack, token, "bucket", bucket, "bucket") == []:
                yield bucket, Finding(property="", message=message)

    return check


def _logged(stack: Sequence[StackResource], expected: Expectations) -> Found:
    """The bucket that the logs go to does not log itself."""
    del expected
    for bucket in of_type(stack, *_BUCKETS):
        is_target = any(names(one, "targetBucket", bucket, "bucket") for one in of_type(stack, _LOGGING))
        if not is_target and parts_of(stack, _LOGGING, "bucket", bucket, "bucket") == []:
            yield bucket, Finding(property="", message="who reads and writes its objects is not logged")


def _tls(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    for bucket in of_type(stack, *_BUCKETS):
        policies = parts_of(stack, _POLICY, "bucket", bucket, "bucket")
        if policies is None or any(text(one.properties, "policy") is None for one in policies):
            continue
        statements = [each for one in policies for of in documents(one) for _, each in of.statements()]
        if not any(_denies_plain(statement) for statement in statements):
            yield bucket, Finding(property="", message="no policy denies what comes without TLS")


def _denies_plain(statement: Mapping[str, Any]) -> bool:
    everyone: Any = statement.get("Principal")
    plain = any(
        key == "aws:securetransport" and operator == "Bool" and values == ["false"]
        for operator, key, values in conditions(statement)
    )
    every = everyone in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    return statement.get("Effect") == "Deny" and plain and every and "s3:*" in strings(statement.get("Action"))


def _locked(stack: Sequence[StackResource], expected: Expectations) -> Found:
    """What a trail wrote cannot be deleted before its time."""
    del expected
    trails = list(of_type(stack, _TRAIL))
    for bucket in of_type(stack, *_BUCKETS):
        if not any(names(trail, "s3BucketName", bucket, "bucket") for trail in trails):
            continue
        if flag(bucket.properties, "objectLockEnabled", default=False) is False:
            yield bucket, Finding(property="objectLockEnabled", message="whoever owns the bucket can delete the trail")
            continue
        locks = parts_of(stack, _LOCK, "bucket", bucket, "bucket")
        if locks is not None and not any(inner(one.properties, "rule") for one in locks):
            yield bucket, Finding(property="", message="object lock has no default retention: it locks nothing")


def _rule(
    name: str, title: str, check: StackCheck, standards: tuple[str, ...], remedy: str, level: Level = Level.MANDATORY
) -> Rule:
    return Rule(
        id=name,
        title=title,
        source="AWS Security Hub User Guide, Security Hub CSPM controls for Amazon S3",
        remedy=remedy,
        stack=check,
        standards=standards,
        level=level,
        levels={} if level is Level.MANDATORY else {Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY},
    )


RULES = (
    _rule(
        "bucket-public-access",
        "Every bucket blocks public access.",
        _missing(
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            "nothing in the stack blocks public access to it",
        ),
        ("S3.8",),
        "add a BucketPublicAccessBlock",
    ),
    _rule(
        "bucket-encryption",
        "Every bucket has a default encryption of its owner's choice.",
        _missing(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "objects are encrypted by a key of S3, not by its owner's",
        ),
        ("S3.17",),
        "add a BucketServerSideEncryptionConfiguration with the owner's key",
    ),
    _rule(
        "bucket-versioning",
        "Every bucket keeps versions.",
        _missing("aws:s3/bucketVersioning:BucketVersioning", "what is deleted or overwritten is gone at once"),
        ("S3.14",),
        "add a BucketVersioning",
        Level.ADVISORY,
    ),
    _rule(
        "bucket-ownership",
        "Every bucket has ACLs turned off.",
        _missing("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "ACLs could let others in past its policy"),
        ("S3.12",),
        "add BucketOwnershipControls with BucketOwnerEnforced",
        Level.ADVISORY,
    ),
    _rule(
        "bucket-lifecycle",
        "Every bucket says when objects and old versions go.",
        _missing(
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            "nothing in it ever goes",
        ),
        ("S3.13",),
        "add a BucketLifecycleConfiguration",
        Level.ADVISORY,
    ),
    _rule(
        "bucket-logging",
        "Access to every bucket is logged.",
        _logged,
        ("S3.9",),
        "add a BucketLogging to the platform's bucket for access logs",
        Level.ADVISORY,
    ),
    _rule(
        "bucket-tls",
        "Every bucket refuses requests without TLS.",
        _tls,
        ("S3.5",),
        "deny s3:* to everyone where aws:SecureTransport is false",
    ),
    _rule(
        "trail-object-lock",
        "The bucket of a trail is locked.",
        _locked,
        ("S3.15",),
        "make the bucket anew with objectLockEnabled, and a BucketObjectLockConfiguration with a default retention",
    ),
)
