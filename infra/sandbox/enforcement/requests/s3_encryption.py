"""The KMS permissions that S3 checks on the caller's behalf, for objects that are encrypted by a KMS key.

Sources: Amazon S3 User Guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)" (permissions, encryption
context), "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys", "Multipart upload API and permissions".
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.sandbox.enforcement.lookup import Encryption
from infra.sandbox.enforcement.requests.forward import through_key
from infra.sandbox.enforcement.requests.operation import Call, CannotMap, Needed
from infra.sandbox.enforcement.requests.s3 import bucket_of, object_arn, source_of
from infra.sandbox.enforcement.requests.s3_context import key_arn

_KMS = frozenset({"aws:kms", "aws:kms:dsse"})


def beside(call: Call) -> Iterator[Needed]:
    """What a call needs of KMS, beside its own actions."""
    operation = call.operation.name
    if operation in ("CopyObject", "UploadPartCopy"):
        bucket, key, version = source_of(call)
        yield from _uses(call, bucket, key, call.lookup.object_encryption(bucket, key, version), "Decrypt")
    if operation in _READS:
        if _needs_content(call):
            bucket, key = bucket_of(call), str(call.text("Key"))
            stored = call.lookup.object_encryption(bucket, key, call.text("VersionId"))
            yield from _uses(call, bucket, key, stored, "Decrypt")
    elif operation in _WRITES:
        bucket, key = bucket_of(call), str(call.text("Key"))
        yield from _uses(call, bucket, key, _asked(call, bucket), "GenerateDataKey")
    elif operation in _PARTS:
        bucket, key = bucket_of(call), str(call.text("Key"))
        upload = call.lookup.upload_encryption(bucket, str(call.text("UploadId")))
        yield from _uses(call, bucket, key, upload, *_PARTS[operation])


_READS = frozenset({"GetObject", "GetObjectAttributes", "HeadObject", "SelectObjectContent"})
_WRITES = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_PARTS: Mapping[str, tuple[str, ...]] = {
    "CompleteMultipartUpload": ("Decrypt",),
    "UploadPart": ("GenerateDataKey", "Decrypt"),
    "UploadPartCopy": ("GenerateDataKey", "Decrypt"),
}


def _needs_content(call: Call) -> bool:
    """Metadata is stored in the clear; a checksum is not."""
    if call.operation.name == "HeadObject":
        return call.text("ChecksumMode") == "ENABLED"
    if call.operation.name == "GetObjectAttributes":
        return "Checksum" in (call.operation.parameters.get("ObjectAttributes") or [])
    return True


def _asked(call: Call, bucket: str) -> Encryption | None:
    """How a new object will be encrypted: as the request says, or as the bucket does by default."""
    default = call.lookup.bucket_encryption(bucket)
    algorithm = call.text("ServerSideEncryption")
    if call.text("SSECustomerAlgorithm") is not None:
        return None
    if algorithm is None:
        return default
    if algorithm not in _KMS:
        return None
    named = call.text("SSEKMSKeyId")
    # Without a key the request means S3's own key of the account, whatever the bucket's default is.
    key = key_arn(call, named or "alias/aws/s3")
    if not key.startswith("arn:"):
        key = f"arn:aws:kms:{call.operation.region}:{call.account}:key/{key}"
    asked = call.operation.parameters.get("BucketKeyEnabled")
    bucket_key = bool(asked) if asked is not None else default is not None and default.bucket_key
    return Encryption(key=key, bucket_key=bucket_key)


def _uses(call: Call, bucket: str, key: str, encryption: Encryption | None, *actions: str) -> Iterator[Needed]:
    if encryption is None:
        return
    arn = f"arn:aws:s3:::{bucket}" if encryption.bucket_key else object_arn(bucket, key)
    context = {**_given_context(call), "aws:s3:arn": arn}
    for action in actions:
        yield through_key(call, action, encryption.key, service="s3", encryption_context=context)


def _given_context(call: Call) -> Mapping[str, str]:
    written = call.text("SSEKMSEncryptionContext")
    if written is None:
        return {}
    try:
        found = json.loads(b64decode(written, validate=True))
    except (ValueError, binascii.Error) as error:
        raise CannotMap("its encryption context cannot be read") from error
    pairs = cast("Mapping[str, Any]", found if isinstance(found, dict) else {})
    return {name: str(value) for name, value in pairs.items()}
