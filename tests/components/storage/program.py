"""One stack for the tests of storage: the access logs, and the buckets of a tenant that may be deleted."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import ResourceOptions

from components.provider import aws_provider
from components.security.key import TenantKey, TenantKeyArgs
from components.security.roles import TenantRoles, TenantRolesArgs
from components.storage.access_logs import AccessLogs, AccessLogsArgs
from components.storage.buckets import TenantBuckets, TenantBucketsArgs
from components.storage.private_bucket import PrivateBucket, PrivateBucketArgs
from infra import naming
from infra.policies.bucket import encrypted_transport
from infra.policies.document import PolicyDocument
from infra.tags import platform_tags, tenant_tags
from tests.components.specs import PLATFORM as PROTECTED
from tests.components.specs import tenant

PLATFORM = PROTECTED.model_copy(update={"prevent_deletion": False})
ACME = tenant("acme", lifecycle={"state": "active", "prevent_deletion": False})
PROVISIONING = naming.platform_role_arn(PLATFORM, "provisioning")
KEPT = "bh-dev-kept-data-0a1b2c3d"
ENDPOINT = "vpce-0123456789abcdef0"


def build() -> None:
    """Register the buckets, and one more that is kept."""
    opts = ResourceOptions(provider=aws_provider(PLATFORM, tenant_tags(PLATFORM, ACME), run_as=(PROVISIONING,)))
    account = aws.Provider(
        "account",
        region=PLATFORM.region,
        default_tags=aws.ProviderDefaultTagsArgs(tags=platform_tags(PLATFORM)),
        s3_use_path_style=True,
    )
    AccessLogs("access-logs", AccessLogsArgs(platform=PLATFORM), ResourceOptions(provider=account))
    roles = TenantRoles("roles", TenantRolesArgs(platform=PLATFORM, tenant=ACME), opts)
    key = TenantKey("key", TenantKeyArgs(platform=PLATFORM, tenant=ACME, roles=roles), opts)
    TenantBuckets(
        "buckets",
        TenantBucketsArgs(platform=PLATFORM, tenant=ACME, key_arn=key.key_arn, s3_endpoint_ids=[ENDPOINT], roles=roles),
        opts,
    )
    policy = PolicyDocument(tuple(encrypted_transport(naming.bucket_arn(KEPT)))).render()
    PrivateBucket(
        "kept", PrivateBucketArgs(bucket=KEPT, policy=policy, key_arn=None, noncurrent_days=30, keep=True), opts
    )
