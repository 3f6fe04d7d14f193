"""What the provisioning role may do with tenants' keys and buckets: configure them, and see no content.

The key's policy gives it no use of the key, so that even the artifact whose metadata it reads stays unreadable.
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies.any_tenant import ANY
from infra.policies.document import Statement
from infra.policies.key import ADMINISTRATION
from infra.policies.provisioning_tags import of_a_tenant
from infra.spec.platform import PlatformSpec

_ALIASES = ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias")

_BUCKET = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListTagsForResource",
    "s3:PutBucketLogging",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)


def statements(platform: PlatformSpec) -> Iterator[Statement]:
    """The statements on keys and buckets."""
    keys = (naming.any_key_arn(platform),)
    making = of_a_tenant(platform, "aws:RequestTag")
    of_tenants = of_a_tenant(platform, "aws:ResourceTag")
    yield Statement(
        sid="MakeKeys",
        actions=("kms:CreateKey",),
        resources=("*",),
        conditions={**making, "Bool": {"kms:BypassPolicyLockoutSafetyCheck": "false"}},
    )
    # A new key has no tags yet: those of the request decide.
    yield Statement(sid="TagNewKeys", actions=("kms:TagResource",), resources=keys, conditions=making)
    yield Statement(
        sid="AdministerKeys",
        actions=tuple(action for action in ADMINISTRATION if action not in _ALIASES),
        resources=keys,
        conditions=of_tenants,
    )
    alias = f"arn:aws:kms:{platform.region}:{platform.account}:{naming.key_alias(platform, ANY)}"
    yield Statement(sid="NameKeys", actions=_ALIASES, resources=(alias,))
    yield Statement(sid="NameOwnKeys", actions=_ALIASES, resources=keys, conditions=of_tenants)
    # Neither has a resource level. A run that was killed looks for its key among all: AWS's index of tags lags behind.
    yield Statement(sid="FindKeys", actions=("kms:ListAliases", "kms:ListKeys"), resources=("*",))
    services = tuple(f"{service}.{platform.region}.amazonaws.com" for service in ("ecr", "sagemaker"))
    yield Statement(
        sid="EncryptResources",
        actions=("kms:CreateGrant",),
        resources=keys,
        conditions={
            **of_tenants,
            "StringEquals": {**of_tenants["StringEquals"], "kms:ViaService": services},
            "Bool": {"kms:GrantIsForAWSResource": "true"},
        },
    )
    bucket = naming.any_bucket_arn(platform, ANY)
    yield Statement(sid="ConfigureBuckets", actions=_BUCKET, resources=(bucket,))
    # The bucket's policy denies it as long as it stands: emptying is the last step of a destroy.
    yield Statement(
        sid="EmptyBuckets", actions=("s3:DeleteObject", "s3:DeleteObjectVersion"), resources=(f"{bucket}/*",)
    )
    models = naming.bucket_arn(naming.bucket(platform, ANY, "models"))
    yield Statement(
        sid="ReadDigestsOfModels", actions=("s3:GetObject", "s3:GetObjectTagging"), resources=(f"{models}/*",)
    )
