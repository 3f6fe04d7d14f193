"""The place of the exports of erased tenants, which nobody but the tests takes away."""

from __future__ import annotations

from contextlib import suppress

from infra import naming
from infra.spec import load_platform
from tests.acceptance.land import Land


def remove_exports(land: Land) -> None:
    """Take the bucket and the key away, as far as they are there: an erasure that fails early has not made them."""
    platform = load_platform(land.platform)
    s3, bucket, kms = land.client("s3"), naming.exports_bucket(platform), land.client("kms")
    with suppress(s3.exceptions.NoSuchBucket):
        for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=each["Key"])
        s3.delete_bucket(Bucket=bucket)
    alias = naming.exports_key_alias(platform)
    with suppress(kms.exceptions.NotFoundException):
        kms.schedule_key_deletion(KeyId=kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"], PendingWindowInDays=7)
        kms.delete_alias(AliasName=alias)
