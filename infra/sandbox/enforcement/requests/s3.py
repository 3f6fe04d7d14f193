"""What calls of S3 need: on buckets, on objects and their versions, and on both sides of a copy.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations"; Amazon S3 API Reference, the pages of
the operations, Permissions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import unquote

from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.operation import Call, CannotMap
from infra.sandbox.enforcement.requests.plans import Target, planned_targets

#: Actions of a call that names a version.
_OF_VERSIONS: Final[Mapping[str, str]] = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAcl": "GetObjectVersionAcl",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "GetObjectTorrent": "GetObjectVersionTorrent",
    "PutObjectAcl": "PutObjectVersionAcl",
    "PutObjectTagging": "PutObjectVersionTagging",
}
#: What a write needs more, by the parameters that ask for it.
_WITH_A_WRITE: Final[Mapping[str, tuple[str, ...]]] = {
    "PutObjectAcl": ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"),
    "PutObjectLegalHold": ("ObjectLockLegalHoldStatus",),
    "PutObjectRetention": ("ObjectLockMode", "ObjectLockRetainUntilDate"),
    "PutObjectTagging": ("Tagging",),
}
_WITH_A_BUCKET: Final[Mapping[str, tuple[str, ...]]] = {
    "PutBucketAcl": ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"),
    "PutBucketObjectLockConfiguration": ("ObjectLockEnabledForBucket",),
    "PutBucketOwnershipControls": ("ObjectOwnership",),
    "PutBucketVersioning": ("ObjectLockEnabledForBucket",),
}
_WRITES: Final = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_BUCKET_ARN: Final = "arn:aws:s3:::{}"


def object_arn(bucket: str, key: str) -> str:
    """The ARN of an object."""
    return f"arn:aws:s3:::{bucket}/{key}"


def bucket_of(call: Call) -> str:
    """The bucket that a call names.

    Raises:
        CannotMap: It names none.
    """
    bucket = call.text("Bucket")
    if bucket is None:
        raise CannotMap("it names no bucket")
    return bucket


def source_of(call: Call) -> tuple[str, str, str | None]:
    """Bucket, key and version of what a call copies.

    Raises:
        CannotMap: The source is not written as S3 takes it.
    """
    written: Any = call.operation.parameters.get("CopySource")
    if isinstance(written, dict):
        parts = cast("dict[str, str]", written)
        return parts["Bucket"], parts["Key"], parts.get("VersionId")
    path, _, query = str(written or "").lstrip("/").partition("?versionId=")
    bucket, slash, key = unquote(path).partition("/")
    if not (bucket and slash and key) or bucket.startswith("arn:"):
        raise CannotMap("it names no bucket and key to copy from")
    return bucket, key, query or None


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call with their buckets and objects."""
    operation = call.operation.name
    if operation in ("CopyObject", "UploadPartCopy"):
        yield from _copied(call)
    if operation == "DeleteObjects":
        yield from _deleted(call)
    elif "Key" in call.operation.parameters:
        yield from _on_object(call)
    elif operation == "CreateBucket":
        yield from _new_bucket(call)
    else:
        yield from planned_targets(call)


def _on_object(call: Call) -> Iterator[Target]:
    parameters = call.operation.parameters
    arn = object_arn(bucket_of(call), str(parameters["Key"]))
    version = call.text("VersionId") is not None
    for name in _object_actions(call):
        yield target(f"s3:{_OF_VERSIONS.get(name, name) if version else name}", arn, "object")
    if call.operation.name in _WRITES:
        yield from (target(f"s3:{name}", arn, "object") for name in _asked(_WITH_A_WRITE, parameters))
    if parameters.get("BypassGovernanceRetention"):
        yield target("s3:BypassGovernanceRetention", arn, "object")


def _object_actions(call: Call) -> tuple[str, ...]:
    operation = call.operation.name
    if operation in ("CopyObject", "UploadPartCopy"):
        return ("PutObject",)
    if operation == "GetObjectAttributes":
        return ("GetObject", "GetObjectAttributes")
    return actions_of("s3", operation)


def _copied(call: Call) -> Iterator[Target]:
    bucket, key, version = source_of(call)
    names = ["GetObject"]
    tags = call.operation.name == "CopyObject" and call.text("TaggingDirective") != "REPLACE"
    # Tags are copied with an object that has any.
    if tags and call.lookup.object_tags(bucket, key, version):
        names.append("GetObjectTagging")
        yield target("s3:PutObjectTagging", object_arn(bucket_of(call), str(call.text("Key"))), "object")
    for name in names:
        yield target(f"s3:{_OF_VERSIONS[name] if version else name}", object_arn(bucket, key), "object")


def _deleted(call: Call) -> Iterator[Target]:
    bucket = bucket_of(call)
    delete = cast("Mapping[str, Any]", call.operation.parameters.get("Delete") or {})
    for entry in cast("list[Mapping[str, str]]", delete.get("Objects") or []):
        arn = object_arn(bucket, entry["Key"])
        yield target("s3:DeleteObjectVersion" if entry.get("VersionId") else "s3:DeleteObject", arn, "object")
        if call.operation.parameters.get("BypassGovernanceRetention"):
            yield target("s3:BypassGovernanceRetention", arn, "object")


def _new_bucket(call: Call) -> Iterator[Target]:
    arn = _BUCKET_ARN.format(bucket_of(call))
    yield target("s3:CreateBucket", arn, "bucket")
    yield from (target(f"s3:{name}", arn, "bucket") for name in _asked(_WITH_A_BUCKET, call.operation.parameters))
    configuration = cast("Mapping[str, Any]", call.operation.parameters.get("CreateBucketConfiguration") or {})
    if configuration.get("Tags"):
        yield target("s3:TagResource", arn, "bucket")


def _asked(more: Mapping[str, tuple[str, ...]], parameters: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for name, asked in more.items() if any(parameters.get(parameter) for parameter in asked))
