"""TenantBuckets: a tenant's data, its models, and what was captured of the requests to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.base import token
from components.security.roles import TenantRoles
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from infra import naming
from infra.naming import TenantBucketKind
from infra.policies.bucket import tenant_bucket
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class TenantBucketsArgs:
    """What a tenant's buckets are made of.

    Args:
        platform: The platform's spec; its bucket of access logs must exist.
        tenant: The tenant's spec: retention, and whether the data may be deleted.
        key_arn: The tenant's key.
        s3_endpoint_ids: The S3 gateway endpoints (``vpce-...``) of the tenant's networks.
        roles: The tenant's roles, which the buckets' policies let in.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    key_arn: Input[str]
    s3_endpoint_ids: Sequence[Input[str]]
    roles: TenantRoles


class TenantBuckets(pulumi.ComponentResource):
    """A private bucket for each kind of data, each with the policy of `infra.policies.bucket`."""

    ids: Mapping[TenantBucketKind, Output[str]]
    """The name of each bucket, known when the bucket is there."""
    arns: Mapping[TenantBucketKind, Output[str]]

    def __init__(self, name: str, args: TenantBucketsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantBuckets"), name, {}, opts)
        buckets = {kind: self._bucket(name, args, kind) for kind in get_args(TenantBucketKind)}
        self.ids = {kind: bucket.bucket_id for kind, bucket in buckets.items()}
        self.arns = {kind: bucket.bucket_arn for kind, bucket in buckets.items()}
        self.register_outputs({"ids": self.ids, "arns": self.arns})

    def _bucket(self, name: str, args: TenantBucketsArgs, kind: TenantBucketKind) -> PrivateBucket:
        platform, tenant = args.platform, args.tenant
        policy = Output.all(args.key_arn, *args.s3_endpoint_ids).apply(
            lambda known: tenant_bucket(platform, tenant, kind, key_arn=known[0], s3_endpoint_ids=known[1:]).render()
        )
        return PrivateBucket(
            f"{name}-{kind}",
            PrivateBucketArgs(
                bucket=naming.bucket(platform, tenant, kind),
                policy=policy,
                key_arn=args.key_arn,
                expire_days=tenant.retention.capture_days if kind == "capture" else None,
                noncurrent_days=tenant.retention.noncurrent_versions_days,
                logs_to=naming.platform_bucket(platform, "access-logs"),
                keep=tenant.lifecycle.prevent_deletion,
            ),
            opts=ResourceOptions(parent=self, depends_on=[args.roles]),
        )
