"""AccessLogs: the bucket that the access logs of all buckets of the stage are delivered to."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi import Output, ResourceOptions

from components.base import token
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from infra import naming
from infra.policies.audit import access_logs_bucket
from infra.spec.platform import PlatformSpec

#: Days that a replaced or deleted version of a record is kept.
NONCURRENT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class AccessLogsArgs:
    """What the bucket of access logs is made of.

    Args:
        platform: The platform's spec; ``retention.logs_days`` applies.
    """

    platform: PlatformSpec


class AccessLogs(pulumi.ComponentResource):
    """A private bucket under S3's own keys: S3 delivers access logs into no bucket that a KMS key encrypts.

    Source: Amazon S3 User Guide, "Enabling Amazon S3 server access logging".
    """

    bucket_id: Output[str]

    def __init__(self, name: str, args: AccessLogsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("AccessLogs"), name, {}, opts)
        bucket = PrivateBucket(
            name,
            PrivateBucketArgs(
                bucket=naming.platform_bucket(args.platform, "access-logs"),
                policy=access_logs_bucket(args.platform).render(),
                key_arn=None,
                expire_days=args.platform.retention.logs_days,
                noncurrent_days=NONCURRENT_DAYS,
                keep=args.platform.prevent_deletion,
            ),
            opts=ResourceOptions(parent=self),
        )
        self.bucket_id = bucket.bucket_id
        self.register_outputs({"bucket_id": self.bucket_id})
