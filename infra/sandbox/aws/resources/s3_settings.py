"""S3 bucket settings that are resources of their own: each is put whole, read and deleted by the bucket's name.

Source: Pulumi registry, "aws.s3.BucketVersioning" and its siblings; Amazon S3 API Reference.
"""

from collections.abc import Iterator
from typing import Any

from infra.sandbox.aws.action import Action
from infra.sandbox.aws.entry import Call, Read, Resource
from infra.sandbox.aws.wire import Properties, block, has_unknown


def _setting(name: str, put: Call, read: Read, delete: Any, **more: Any) -> Resource:
    return Resource(
        type=f"aws:s3/{name[0].lower()}{name[1:]}:{name}",
        service="s3",
        id="{bucket}",
        identity={"Bucket": "{bucket}"},
        create=put,
        updates=(put,),
        reads=(read,),
        delete=delete,
        **more,
    )


def _suspend(action: Action) -> None:
    if block(action.props, "versioningConfiguration").get("status") == "Enabled":
        action.api("put_bucket_versioning", Bucket=action.id, VersioningConfiguration={"Status": "Suspended"})


def _whole_bucket(request: dict[str, Any]) -> dict[str, Any]:
    """A rule without a filter covers the bucket; the API wants that said."""
    for rule in request["LifecycleConfiguration"]["Rules"]:
        if not rule.get("Filter"):
            rule["Filter"] = {"Prefix": ""}
    return request


def _lifecycle_rules(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon S3 User Guide, "Lifecycle configuration elements": a rule needs an action, and ids are unique."""
    actions = (
        *("expiration", "transitions", "noncurrentVersionExpiration", "noncurrentVersionTransitions"),
        "abortIncompleteMultipartUpload",
    )
    rules: list[Properties] = [] if has_unknown(inputs["rules"]) else inputs["rules"]
    seen = set[str]()
    for index, rule in enumerate(rules):
        if not any(rule.get(action) for action in actions):
            yield f"rules[{index}]", f"needs at least one action: {', '.join(actions)}"
        if rule["id"] in seen:
            yield f"rules[{index}].id", f"{rule['id']!r} is the id of an earlier rule"
        seen.add(rule["id"])


def _retention(inputs: Properties) -> Iterator[tuple[str, str]]:
    """Amazon S3 API Reference, "DefaultRetention": days or years, not both."""
    retention = block(inputs, "rule", "defaultRetention")
    if retention and ("days" in retention) == ("years" in retention):
        yield "rule.defaultRetention", "needs exactly one of days and years"


RESOURCES = (
    _setting(
        "BucketVersioning",
        Call("put_bucket_versioning", names={"mfa": "MFA"}),
        Read("get_bucket_versioning", into="versioningConfiguration", exists=lambda found: "Status" in found),
        _suspend,
        missing=("NoSuchBucket",),
    ),
    _setting(
        "BucketServerSideEncryptionConfiguration",
        Call("put_bucket_encryption", at="ServerSideEncryptionConfiguration"),
        Read("get_bucket_encryption", at="ServerSideEncryptionConfiguration"),
        Call("delete_bucket_encryption", properties=()),
        missing=("NoSuchBucket", "ServerSideEncryptionConfigurationNotFoundError"),
    ),
    _setting(
        "BucketPublicAccessBlock",
        Call("put_public_access_block", at="PublicAccessBlockConfiguration"),
        Read("get_public_access_block", at="PublicAccessBlockConfiguration"),
        Call("delete_public_access_block", properties=()),
        missing=("NoSuchBucket", "NoSuchPublicAccessBlockConfiguration"),
        local=("skipDestroy",),
        defaults=dict.fromkeys(
            ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), False
        ),
    ),
    _setting(
        "BucketOwnershipControls",
        Call("put_bucket_ownership_controls", at="OwnershipControls"),
        Read("get_bucket_ownership_controls", at="OwnershipControls"),
        Call("delete_bucket_ownership_controls", properties=()),
        missing=("NoSuchBucket", "OwnershipControlsNotFoundError"),
    ),
    _setting(
        "BucketPolicy",
        Call("put_bucket_policy", properties=("policy",)),
        Read("get_bucket_policy"),
        Call("delete_bucket_policy", properties=()),
        missing=("NoSuchBucket", "NoSuchBucketPolicy"),
        retry=("MalformedPolicy: Invalid principal",),
    ),
    _setting(
        "BucketLifecycleConfiguration",
        Call(
            "put_bucket_lifecycle_configuration", names={"rules": "LifecycleConfiguration.Rules"}, adjust=_whole_bucket
        ),
        Read("get_bucket_lifecycle_configuration"),
        Call("delete_bucket_lifecycle", properties=()),
        missing=("NoSuchBucket", "NoSuchLifecycleConfiguration"),
        rules=(_lifecycle_rules,),
    ),
    _setting(
        "BucketLogging",
        Call("put_bucket_logging", at="BucketLoggingStatus.LoggingEnabled"),
        Read("get_bucket_logging", at="LoggingEnabled"),
        Call("put_bucket_logging", properties=(), fixed={"BucketLoggingStatus": {}}),
        missing=("NoSuchBucket",),
    ),
    _setting(
        "BucketObjectLockConfiguration",
        Call("put_object_lock_configuration", at="ObjectLockConfiguration"),
        Read("get_object_lock_configuration", at="ObjectLockConfiguration"),
        Call(
            "put_object_lock_configuration",
            properties=(),
            fixed={"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}},
        ),
        missing=("NoSuchBucket", "ObjectLockConfigurationNotFoundError"),
        defaults={"objectLockEnabled": "Enabled"},
        rules=(_retention,),
    ),
)
"""S3 entries of the table: what is set on a bucket."""
