"""AuditTrail: who did what in the account, in a bucket where nobody can change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import cloudtrail

from components.base import token
from components.storage.access_logs import NONCURRENT_DAYS, AccessLogs
from components.storage.private_bucket import ObjectLock, PrivateBucket, PrivateBucketArgs
from infra import naming
from infra.naming import PlatformBucketKind
from infra.policies.audit import audit_bucket
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class AuditTrailArgs:
    """What the trail is made of.

    Args:
        platform: The platform's spec; ``retention.audit_days`` is how long the trail is locked.
        key_arn: The platform's key.
        access_logs: Where the reads of the trail itself are logged.
    """

    platform: PlatformSpec
    key_arn: Input[str]
    access_logs: AccessLogs


class AuditTrail(pulumi.ComponentResource):
    """A trail of all Regions with the object-level events of the tenants' buckets, validated, encrypted and locked.

    The lock is in compliance mode, in which the root user cannot shorten it, unless the platform's spec allows
    deletion; then it is in governance mode and a destroy can empty the bucket.

    Sources: CloudTrail User Guide, "Logging data events", "Validating CloudTrail log file integrity"; CloudTrail API
    Reference, "AdvancedFieldSelector" (of one field, what selects is joined by OR, what deselects by AND).
    """

    trail_arn: Output[str]
    bucket_id: Output[str]

    def __init__(self, name: str, args: AuditTrailArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("AuditTrail"), name, {}, opts)
        platform = args.platform
        bucket = PrivateBucket(
            f"{name}-bucket",
            PrivateBucketArgs(
                bucket=naming.platform_bucket(platform, "audit"),
                policy=Output.from_input(args.key_arn).apply(lambda key: audit_bucket(platform, key_arn=key).render()),
                key_arn=args.key_arn,
                expire_days=platform.retention.audit_days,
                noncurrent_days=NONCURRENT_DAYS,
                logs_to=naming.platform_bucket(platform, "access-logs"),
                lock=ObjectLock(days=platform.retention.audit_days, compliance=platform.prevent_deletion),
                keep=platform.prevent_deletion,
            ),
            opts=ResourceOptions(parent=self, depends_on=[args.access_logs]),
        )
        trail = cloudtrail.Trail(
            name,
            name=naming.trail(platform),
            s3_bucket_name=bucket.bucket_id,
            kms_key_id=args.key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            enable_logging=True,
            advanced_event_selectors=_selectors(platform),
            opts=ResourceOptions(parent=self, depends_on=[bucket]),
        )
        self.trail_arn = trail.arn
        self.bucket_id = bucket.bucket_id
        self.register_outputs({"trail_arn": self.trail_arn, "bucket_id": self.bucket_id})


def _selectors(platform: PlatformSpec) -> list[cloudtrail.TrailAdvancedEventSelectorArgsDict]:
    # The records' own buckets are left out: each delivery would be an event that is delivered.
    records = [naming.bucket_arn(naming.platform_bucket(platform, kind)) for kind in get_args(PlatformBucketKind)]
    return [
        {
            "name": "Management",
            "field_selectors": [{"field": "eventCategory", "equals": ["Management"]}],
        },
        {
            "name": "Objects of tenants",
            "field_selectors": [
                {"field": "eventCategory", "equals": ["Data"]},
                {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                {
                    "field": "resources.ARN",
                    "starts_withs": [naming.bucket_arn(f"bh-{platform.stage}-")],
                    "not_starts_withs": [f"{record}/" for record in records],
                },
            ],
        },
    ]
