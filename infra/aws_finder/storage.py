"""How keys, buckets and what is set on buckets are found."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.exceptions import ClientError

from infra.aws_finder.lookup import Aws, Inputs, Lookup, name_tag, named, only


def _key(aws: Aws, inputs: Inputs) -> str | None:
    """A KMS key by its ``Name`` tag: every key is asked, for the tagging index of AWS lags behind."""
    name = name_tag(inputs)
    ids = [str(key["KeyId"]) for key in aws.items("kms", "list_keys", "Keys")]
    return only([key for key in ids if _is_named(aws, key, name) and _is_usable(aws, key)], f"keys named {name}")


def _is_named(aws: Aws, key: str, name: str) -> bool:
    try:
        tags = aws.items("kms", "list_resource_tags", "Tags", KeyId=key)
    except ClientError as error:
        # Whoever made a key may see its tags: that of others is none that is looked for.
        if error.response.get("Error", {}).get("Code") == "AccessDeniedException":
            return False
        raise
    return any((tag["TagKey"], tag["TagValue"]) == ("Name", name) for tag in tags)


def _is_usable(aws: Aws, key: str) -> bool:
    (answer,) = aws.pages("kms", "describe_key", KeyId=key)
    return answer["KeyMetadata"]["KeyState"] != "PendingDeletion"


def _setting(operation: str, has: str = "") -> Lookup:
    """A setting of a bucket, whose id is the bucket's name."""
    return named("s3", operation, "{bucket}", has=has, Bucket="{bucket}")


TABLE: Mapping[str, Lookup] = {
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": named("kms", "list_aliases", "{name}", among=("Aliases", "AliasName", "{name}")),
    "aws:s3/bucket:Bucket": _setting("head_bucket"),
    "aws:s3/bucketVersioning:BucketVersioning": _setting("get_bucket_versioning", "Status"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _setting(
        "get_bucket_encryption"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _setting("get_public_access_block"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _setting("get_bucket_ownership_controls"),
    "aws:s3/bucketPolicy:BucketPolicy": _setting("get_bucket_policy"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _setting("get_bucket_lifecycle_configuration"),
    "aws:s3/bucketLogging:BucketLogging": _setting("get_bucket_logging", "LoggingEnabled"),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _setting(
        "get_object_lock_configuration", "ObjectLockConfiguration"
    ),
}
