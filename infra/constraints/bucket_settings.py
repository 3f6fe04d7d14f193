"""Settings of buckets: encryption, public access, lifecycle, logging and object lock."""

from __future__ import annotations

from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import blocks, count, flag, given, inner, number, text


def _encryption(resource: PlannedResource) -> Iterator[Finding]:
    for path, rule in blocks(resource.properties, "rules"):
        default = inner(rule, "applyServerSideEncryptionByDefault")
        algorithm = text(default, "sseAlgorithm")
        if algorithm is not None and algorithm.startswith("aws:kms") and not given(default, "kmsMasterKeyId"):
            message = "without a key AWS takes its own aws/s3 key, which every principal of the account may use"
            yield Finding(
                property=f"{path}.applyServerSideEncryptionByDefault", message=message, remedy="name the owner's key"
            )
        if algorithm == "aws:kms" and flag(rule, "bucketKeyEnabled", default=False) is False:
            yield Finding(
                property=f"{path}.bucketKeyEnabled",
                message="each object costs a call of KMS, whose rate is limited",
                remedy="set bucketKeyEnabled to true",
            )


_PUBLIC = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _public_access(resource: PlannedResource) -> Iterator[Finding]:
    for key in _PUBLIC:
        if flag(resource.properties, key, default=False) is False:
            yield Finding(property=key, message="public access is not blocked")


def _ownership(resource: PlannedResource) -> Iterator[Finding]:
    ownership = text(inner(resource.properties, "rule"), "objectOwnership")
    if ownership not in (None, "BucketOwnerEnforced"):
        yield Finding(property="rule.objectOwnership", message=f"{ownership} lets ACLs grant access past the policy")


#: Days that an object must be kept before it may move to a storage class for infrequent access.
_INFREQUENT = frozenset({"STANDARD_IA", "ONEZONE_IA"})


def _lifecycle(resource: PlannedResource) -> Iterator[Finding]:
    number_of_rules = count(resource.properties, "rules") or 0
    if number_of_rules > 1_000:
        yield Finding(property="rules", message=f"{number_of_rules} rules, and AWS takes 1,000")
    seen: set[str] = set()
    for path, rule in blocks(resource.properties, "rules"):
        name = text(rule, "id")
        if name is not None:
            if name in seen or len(name) > 255:
                yield Finding(property=f"{path}.id", message=f"{name!r} is there twice, or longer than 255 characters")
            seen.add(name)
        days = number(inner(rule, "expiration"), "days")
        if days is not None and days < 1:
            yield Finding(property=f"{path}.expiration.days", message=f"{days:.0f} days, and AWS takes 1 or more")
        for transition_path, transition in blocks(rule, "transitions"):
            after = number(transition, "days")
            if text(transition, "storageClass") in _INFREQUENT and after is not None and after < 30:
                message = f"{after:.0f} days, and objects move to that storage class after 30 or more"
                yield Finding(property=f"{path}.{transition_path}.days", message=message)


def _logging(resource: PlannedResource) -> Iterator[Finding]:
    bucket, target = text(resource.properties, "bucket"), text(resource.properties, "targetBucket")
    if bucket is not None and bucket == target:
        yield Finding(property="targetBucket", message=f"{bucket} would log its own log deliveries without end")


def _object_lock(resource: PlannedResource) -> Iterator[Finding]:
    retention = inner(inner(resource.properties, "rule"), "defaultRetention")
    if not retention:
        return
    if given(retention, "days") == given(retention, "years"):
        yield Finding(property="rule.defaultRetention", message="a retention has either days or years")
    mode = text(retention, "mode")
    if mode not in (None, "GOVERNANCE", "COMPLIANCE"):
        yield Finding(property="rule.defaultRetention.mode", message=f"{mode!r} is not GOVERNANCE or COMPLIANCE")
    for unit, most in (("days", 36_500), ("years", 100)):
        period = number(retention, unit)
        if period is not None and not 1 <= period <= most:
            message = f"{period:.0f} {unit}, and AWS takes 1 to {most:,}"
            yield Finding(property=f"rule.defaultRetention.{unit}", message=message)


RULES = (
    Rule(
        id="s3-encryption",
        title="A bucket that is encrypted by KMS names its key and uses bucket keys.",
        types=frozenset({"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"}),
        source="Amazon S3 User Guide, Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys",
        remedy="name the owner's key and set bucketKeyEnabled",
        check=_encryption,
    ),
    Rule(
        id="s3-public-access",
        title="All four blocks of public access are on.",
        types=frozenset({"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"}),
        source="Amazon S3 User Guide, Blocking public access to your Amazon S3 storage",
        remedy="set it to true",
        check=_public_access,
    ),
    Rule(
        id="s3-ownership",
        title="The bucket's owner owns its objects, and ACLs are off.",
        types=frozenset({"aws:s3/bucketOwnershipControls:BucketOwnershipControls"}),
        source="Amazon S3 User Guide, Controlling ownership of objects and disabling ACLs for your bucket",
        remedy="write BucketOwnerEnforced",
        check=_ownership,
    ),
    Rule(
        id="s3-lifecycle",
        title="Lifecycle rules are at most 1,000, have unique ids, and periods that S3 takes.",
        types=frozenset({"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"}),
        source="Amazon S3 User Guide, Lifecycle configuration elements",
        remedy="correct the rule",
        check=_lifecycle,
    ),
    Rule(
        id="s3-logging",
        title="A bucket does not log to itself.",
        types=frozenset({"aws:s3/bucketLogging:BucketLogging"}),
        source="Amazon S3 User Guide, Logging requests with server access logging",
        remedy="name the platform's bucket for access logs",
        check=_logging,
    ),
    Rule(
        id="s3-object-lock",
        title="A default retention has a mode, and days or years.",
        types=frozenset({"aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"}),
        source="Amazon S3 API Reference, DefaultRetention",
        remedy="write one of days and years, in the range that AWS takes",
        check=_object_lock,
    ),
)
