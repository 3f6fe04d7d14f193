"""Condition keys of S3 that a request decides.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3"; Amazon S3 User Guide,
"Bucket policy examples using condition keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, cast

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.operation import Call
from infra.sandbox.enforcement.requests.plans import Target
from infra.sandbox.enforcement.requests.s3 import source_of
from infra.sandbox.enforcement.requests.tags import requested_tags, tags_of_header

#: Parameter -> condition key, where the one is the other.
_SAME: Final[Mapping[str, str]] = {
    "ACL": "s3:x-amz-acl",
    "Delimiter": "s3:delimiter",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "MaxKeys": "s3:max-keys",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
    "ObjectLockRetainUntilDate": "s3:object-lock-retain-until-date",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "Prefix": "s3:prefix",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "StorageClass": "s3:x-amz-storage-class",
    "VersionId": "s3:versionid",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
}


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The keys of one check."""
    parameters = call.operation.parameters
    # The loopback stands for TLS 1.3, as in `context`.
    own: dict[str, Value] = {"s3:TlsVersion": 1.3, **call.operation.signature}
    owner = call.lookup.owner(f"arn:aws:s3:::{found.resource.split(':::')[-1].split('/')[0]}")
    if owner is not None:
        own["s3:ResourceAccount"] = owner
    for parameter, key in _SAME.items():
        if parameter in parameters:
            own[key] = _value(parameters[parameter])
    if (key_id := call.text("SSEKMSKeyId")) is not None:
        own["s3:x-amz-server-side-encryption-aws-kms-key-id"] = key_arn(call, key_id)
    if (location := _location(parameters)) is not None:
        own["s3:locationconstraint"] = location
    if "CopySource" in parameters:
        bucket, key, _ = source_of(call)
        own["s3:x-amz-copy-source"] = f"{bucket}/{key}"
    if found.action.name in ("CreateBucket", "TagResource"):
        own.update(_bucket_tags(parameters))
    if found.kind == "object":
        own.update(_object_tags(call, found))
    return own


def key_arn(call: Call, key_id: str) -> str:
    """The ARN of a KMS key that a header names by its id, alias or ARN; as it is written where there is no such key."""
    return call.lookup.arn("kms:key", call.account, call.operation.region, key_id) or key_id


def _value(given: Any) -> Value:
    if isinstance(given, (datetime, date)):
        return given.isoformat()
    return given if isinstance(given, (bool, int, float)) else str(given)


def _bucket_tags(parameters: Mapping[str, Any]) -> dict[str, Value]:
    """The tags of a new bucket, which are in its configuration."""
    configuration = cast("Mapping[str, Any]", parameters.get("CreateBucketConfiguration") or {})
    tags = requested_tags({"Tags": configuration.get("Tags")})
    own: dict[str, Value] = {f"aws:RequestTag/{name}": value or "" for name, value in tags.items()}
    return own | ({"aws:TagKeys": list(tags)} if tags else {})


def _location(parameters: Mapping[str, Any]) -> str | None:
    configuration = cast("Mapping[str, Any]", parameters.get("CreateBucketConfiguration") or {})
    location = configuration.get("LocationConstraint")
    return location if isinstance(location, str) else None


def _object_tags(call: Call, found: Target) -> dict[str, Value]:
    bucket, _, key = found.resource.removeprefix("arn:aws:s3:::").partition("/")
    own: dict[str, Value] = {}
    for name, value in call.lookup.object_tags(bucket, key, call.text("VersionId")).items():
        own[f"s3:ExistingObjectTag/{name}"] = value
    given = call.operation.parameters.get("Tagging")
    asked: Mapping[str, str | None] = {}
    if isinstance(given, str):
        asked = tags_of_header(given)
    elif given is not None:
        asked = requested_tags({"Tags": given})
    for name, value in asked.items():
        own[f"s3:RequestObjectTag/{name}"] = value or ""
    if asked:
        own["s3:RequestObjectTagKeys"] = list(asked)
    return own
