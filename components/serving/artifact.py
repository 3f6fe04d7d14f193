"""The digest of a model's artifact as it lies in the tenant's bucket, so that what is deployed is what is loaded."""

from __future__ import annotations

import base64
import binascii
import re
from typing import cast

import pulumi
from pulumi import Input, InvokeOptions, Output, Resource
from pulumi.runtime import invoke_async
from pulumi_aws import s3

from infra.errors import UserError

#: The user metadata in which an upload states the SHA-256 of its object, in hex.
DIGEST_METADATA = "bulkhead-sha256"

_HEX_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_ABSENT = re.compile(
    r"couldn't find resource|no object|NotFound|Not Found|NoSuchKey|NoSuchBucket|\b404\b", re.IGNORECASE
)


class ArtifactError(UserError, pulumi.RunError):
    """A model's artifact is absent, cannot be read, or says nothing of its digest."""


def artifact_sha256(bucket: Input[str], key: str, parent: Resource) -> Output[str]:
    """The SHA-256 of the object in hex, unknown while the bucket is not there yet.

    The upload states it in the user metadata ``bulkhead-sha256``, which reading needs no right to the tenant's key for:
    whoever provisions sees no data. Without the metadata the checksum that S3 keeps is asked for, which needs
    ``kms:Decrypt`` of the tenant's key. The container compares the digest with what it downloaded before it loads it,
    so that a wrong statement loads nothing.

    Args:
        bucket: The ``id`` of the bucket's resource, which is unknown until it exists. Its name would be known too early
            and the first preview would read a bucket that is not there.
        key: The object's key.
        parent: Whose provider reads the object.

    Raises:
        ArtifactError: the object is absent or unreadable, or has neither the metadata nor a whole-object checksum.

    Source: Amazon S3 API Reference, "HeadObject" (x-amz-checksum-mode, permissions).
    """

    async def read(bucket_name: str) -> str:
        where = f"s3://{bucket_name}/{key}"
        stated = (await _head(bucket_name, key, parent, {})).metadata.get(DIGEST_METADATA)
        if stated is not None:
            return _checked(stated.lower(), where)
        checksum = (await _head(bucket_name, key, parent, {"checksumMode": "ENABLED"})).checksum_sha256
        return _checked(_hex(checksum), where)

    return Output.from_input(bucket).apply(read)


async def _head(bucket: str, key: str, parent: Resource, extra: dict[str, str]) -> s3.GetObjectResult:
    arguments = {"bucket": bucket, "key": key, **extra}
    try:
        result = await invoke_async(
            "aws:s3/getObject:getObject", arguments, InvokeOptions(parent=parent), typ=s3.GetObjectResult
        )
    except Exception as error:
        raise _explained(str(error), f"s3://{bucket}/{key}") from error
    return cast("s3.GetObjectResult", result)


def _explained(reason: str, where: str) -> ArtifactError:
    if _ABSENT.search(reason):
        return ArtifactError(
            "the model's artifact is not there",
            remedy="upload it, correct models[].artifact.key in the tenant's spec, or bring the tenant up with "
            "--no-models first",
            where=where,
        )
    return ArtifactError(
        f"the model's artifact cannot be read: {reason.splitlines()[0]}",
        remedy="let the provisioning role read the object (s3:GetObject, s3:GetObjectTagging) and upload it with the "
        f"metadata {DIGEST_METADATA}",
        where=where,
    )


def _checked(digest: str, where: str) -> str:
    if not _HEX_SHA256.match(digest):
        raise ArtifactError(
            f"the model's artifact does not say its SHA-256 (found {digest!r})",
            remedy=f"upload it with the metadata {DIGEST_METADATA}=<SHA-256 in hex>",
            where=where,
        )
    return digest


def _hex(checksum: str) -> str:
    """S3's base64 checksum in hex; of a multipart upload it is a checksum of checksums, which is returned as it is."""
    try:
        return base64.b64decode(checksum, validate=True).hex()
    except binascii.Error:
        return checksum
