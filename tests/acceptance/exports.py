"""The place of the exports of erased tenants, which nobody but the tests takes away."""

from __future__ import annotations

from infra import naming
from infra.spec import load_platform
from tests.acceptance.land import Land


def remove_exports(land: Land) -> None:
    """The place of the exports is the service's, which outlives tenants."""
    platform = load_platform(land.platform)
    s3, bucket, kms = land.client("s3"), naming.exports_bucket(platform), land.client("kms")
    for each in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=each["Key"])
    s3.delete_bucket(Bucket=bucket)
    alias = naming.exports_key_alias(platform)
    kms.schedule_key_deletion(KeyId=kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"], PendingWindowInDays=7)
    kms.delete_alias(AliasName=alias)
