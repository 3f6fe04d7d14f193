"""The policy of a tenant's key: who administers it cannot use it, who uses it cannot administer it, nobody else has it.

It names principals one by one and delegates nothing to the account, so that no identity policy of the account opens
the key. The account's root user may administer it too, in person: the way back from a policy that locks everybody out.

Sources: KMS Developer Guide, "Key policies", "AWS KMS condition keys"; Amazon S3 User Guide, "Using server-side
encryption with AWS KMS keys (SSE-KMS)" (encryption context, bucket keys).
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies import actions, key_services
from infra.policies.document import PolicyDocument, Principal, Statement
from infra.policies.principals import EXECUTION_ROLES, roles
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: The most characters of a key's policy.
MAX_SIZE = 32_768

#: In a key's policy ``*`` is the key itself.
THIS_KEY = ("*",)

#: Everything but the use of the key material and its grants.
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)


def tenant_key(platform: PlatformSpec, tenant: TenantSpec) -> PolicyDocument:
    """The policy of a tenant's key."""
    return PolicyDocument((*_administration(platform), *_use(platform, tenant), *_services(platform, tenant)))


def root_user_administers(platform: PlatformSpec) -> Statement:
    """The root user in person. Without the condition the account would delegate to whomever its policies name."""
    root = naming.account_root_arn(platform)
    return Statement(
        sid="RootUserAdministers",
        principal=Principal(aws=(root,)),
        actions=ADMINISTRATION,
        resources=THIS_KEY,
        conditions={"ArnEquals": {"aws:PrincipalArn": root}},
    )


def _administration(platform: PlatformSpec) -> Iterator[Statement]:
    provisioning = Principal(aws=(naming.platform_role_arn(platform, "provisioning"),))
    yield Statement(sid="ProvisioningAdministers", principal=provisioning, actions=ADMINISTRATION, resources=THIS_KEY)
    yield from key_services.resource_grants(platform, "ProvisioningEncrypts", provisioning, "ecr", "sagemaker")
    yield root_user_administers(platform)


def _use(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield Statement(
        sid="WorkersUse",
        principal=roles(platform, tenant, "training", "data-scientist"),
        actions=(*actions.KEY_USE, "kms:DescribeKey"),
        resources=THIS_KEY,
    )
    buckets = naming.bucket_arns(platform, tenant)
    yield from _verification(platform, tenant)
    yield Statement(
        sid="UseInOwnBuckets",
        principal=roles(platform, tenant, "serving", "deploy"),
        actions=("kms:Decrypt", "kms:GenerateDataKey"),
        resources=THIS_KEY,
        conditions={
            "StringEquals": {"kms:ViaService": f"s3.{platform.region}.amazonaws.com"},
            # A bucket key's context is the bucket, an object's own key's is the object.
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": (*buckets, *(f"{bucket}/*" for bucket in buckets))},
        },
    )
    yield Statement(
        sid="SeeTheKey",
        principal=roles(platform, tenant, "serving", "deploy", "verification"),
        actions=("kms:DescribeKey",),
        resources=THIS_KEY,
    )
    yield Statement(
        sid="VolumesOfJobsAndEndpoints",
        principal=roles(platform, tenant, *EXECUTION_ROLES),
        actions=("kms:CreateGrant",),
        resources=THIS_KEY,
        conditions={"Bool": {"kms:GrantIsForAWSResource": "true"}},
    )


def _verification(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    """Smoke tests use the key for their own objects, which S3 encrypts by the key of the bucket."""
    verification = roles(platform, tenant, "verification")
    if verification.aws:
        bucket = naming.bucket_arn(naming.bucket(platform, tenant, "models"))
        yield Statement(
            sid="UseInSmokeTests",
            principal=verification,
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            resources=THIS_KEY,
            conditions={
                "StringEquals": {"kms:ViaService": f"s3.{platform.region}.amazonaws.com"},
                "StringLike": {
                    "kms:EncryptionContext:aws:s3:arn": (bucket, naming.verification_objects_arn(platform, tenant))
                },
            },
        )


def _services(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    yield key_services.logs(
        platform, naming.log_group(platform, tenant, "*"), naming.endpoint_log_group(platform, tenant, "*")
    )
    yield key_services.alarms(platform, tenant)
    yield key_services.budgets(platform)
