"""The permission boundary of a tenant's roles: the most that any of them can ever do, whatever is attached to it.

It allows what the tenant's own resources need and denies, so that no resource's policy grants it either: changing what
isolation rests on, another tenant's resources, another account's. While a tenant is suspended it denies everything.

A boundary bounds what a resource's policy grants to a role, but not what it grants to a session of the role; an
explicit Deny counts in both cases. Source: IAM User Guide, "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies import actions, interfaces
from infra.policies.document import PolicyDocument, Statement
from infra.policies.principals import EXECUTION_ROLES, role_arns
from infra.policies.roles import JOB_KINDS, image_repositories
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The most characters of a managed policy.
MAX_SIZE = 6_144

#: What isolation rests on: identities, keys, buckets' and repositories' policies, networks, logs, and the audit.
GUARDS = (
    "cloudtrail:*",
    "cloudwatch:*Alarm*",
    "config:*",
    "ec2:*FlowLogs",
    "ec2:*Tags",
    "ec2:*VpcEndpoint*",
    "ec2:A*",
    "ec2:CreateRoute*",
    "ec2:Modify*",
    "ec2:Replace*",
    "ec2:Revoke*",
    "ecr:*Policy",
    "ecr:*Registry*",
    "ecr:BatchDeleteImage",
    "ecr:DeleteRepository",
    "ecr:PutImageTagMutability",
    "guardduty:*",
    "iam:A*",
    "iam:C*",
    "iam:D*",
    "iam:Put*",
    "iam:R*",
    "iam:S*",
    "iam:T*",
    "iam:U*",
    "kms:*Alias",
    "kms:*Tag*",
    "kms:DeleteImportedKeyMaterial",
    "kms:Disable*",
    "kms:PutKeyPolicy",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:Update*",
    "logs:*Filter",
    "logs:*KmsKey",
    "logs:*Policy",
    "logs:Delete*",
    "s3:*AccessPoint*",
    "s3:Bypass*",
    "s3:DeleteBucket*",
    "s3:DeleteObjectVersion*",
    "s3:Put*Acl",
    "s3:Put*Configuration",
    "s3:PutAccount*",
    "s3:PutBucket*",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "sagemaker:*ModelPackageGroupPolicy",
    "sagemaker:CreatePresigned*",
    "sagemaker:DeleteTags",
    "sns:*Permission",
    "sns:SetTopicAttributes",
    "sts:AssumeRole",
    "sts:GetFederationToken",
    "sts:TagSession",
)

#: The guard that smoke tests pass, for their own objects: versions go by the buckets' lifecycle rules.
_VERSIONS = "s3:DeleteObjectVersion*"

#: What the tenant's roles may be allowed on SageMaker's resources of its own name; never deletion, which the
#: provisioning role does.
_SAGEMAKER_ACTIONS = (
    "sagemaker:AddTags",
    "sagemaker:Create*",
    "sagemaker:Describe*",
    "sagemaker:Invoke*",
    "sagemaker:List*",
    "sagemaker:Stop*",
    "sagemaker:UpdateModelPackage",
)
_SAGEMAKER_KINDS = (
    "endpoint",
    "endpoint-config",
    "model",
    "model-package",
    "model-package-group",
    "processing-job",
    "training-job",
)


def tenant_boundary(platform: PlatformSpec, tenant: TenantSpec) -> PolicyDocument:
    """The boundary of all roles of a tenant."""
    return PolicyDocument((*_allowed(platform, tenant), *_denied(platform, tenant)))


def _allowed(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    buckets = naming.any_bucket_arn(platform, tenant)
    own_tag = {f"aws:ResourceTag/{TENANT_TAG}": tenant.id}
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    shared_namespaces = (f"/aws/sagemaker/{kind}" for kind in (*JOB_KINDS, "Endpoints"))
    keys = (naming.any_key_arn(platform),)
    yield Statement(
        sid="OwnBuckets",
        actions=tuple(sorted({*actions.BUCKET_LIST, *actions.OBJECTS_READ, *actions.OBJECTS_WRITE})),
        resources=(buckets, f"{buckets}/*"),
    )
    if platform.verification is not None:
        smoke_tests = (naming.verification_objects_arn(platform, tenant),)
        yield Statement(sid="SmokeTests", actions=("s3:DeleteObjectVersion",), resources=smoke_tests)
    yield Statement(
        sid="OwnKey",
        actions=(*actions.KEY_USE, "kms:DescribeKey"),
        resources=keys,
        conditions={"StringEquals": own_tag},
    )
    yield Statement(
        sid="OwnKeyForVolumes",
        actions=("kms:CreateGrant",),
        resources=keys,
        conditions={"StringEquals": own_tag, "Bool": {"kms:GrantIsForAWSResource": "true"}},
    )
    own = naming.names_of(platform, tenant)
    yield Statement(
        sid="OwnModels",
        actions=_SAGEMAKER_ACTIONS,
        resources=tuple(naming.sagemaker_arn(platform, kind, own) for kind in _SAGEMAKER_KINDS),
    )
    yield Statement(
        sid="PassOwnRoles",
        actions=("iam:PassRole",),
        resources=role_arns(platform, tenant, *EXECUTION_ROLES),
        conditions={"StringEquals": to_sagemaker},
    )
    yield Statement(
        sid="Images",
        actions=(*actions.IMAGES_PULL, *actions.IMAGES_PUSH),
        resources=image_repositories(platform, tenant),
    )
    own_groups = (naming.log_group(platform, tenant, "*"), naming.endpoint_log_group(platform, tenant, "*"))
    yield Statement(
        sid="OwnLogs",
        actions=tuple(sorted({*actions.LOGS_READ, *actions.LOGS_WRITE})),
        resources=(
            *(naming.log_group_arn(platform, group) for group in own_groups),
            *(naming.job_log_streams_arn(platform, tenant, kind) for kind in JOB_KINDS),
        ),
    )
    yield Statement(
        sid="Metrics",
        actions=("cloudwatch:PutMetricData",),
        resources=("*",),
        conditions={
            "StringEquals": {"cloudwatch:namespace": (*shared_namespaces, naming.metric_namespace(platform, tenant))}
        },
    )
    # These have no resource level, or one that the roles' own policies bind by ids that AWS assigns.
    yield Statement(
        sid="BoundByRoles",
        actions=(
            "ecr:GetAuthorizationToken",
            "logs:CreateLogGroup",
            *interfaces.CREATE,
            *interfaces.CHANGE,
            *interfaces.DESCRIBE,
        ),
        resources=("*",),
    )


def _denied(platform: PlatformSpec, tenant: TenantSpec) -> Iterator[Statement]:
    owner = f"aws:ResourceTag/{TENANT_TAG}"
    if platform.verification is None:
        yield Statement(sid="ChangeNoGuard", effect="Deny", actions=GUARDS, resources=("*",))
    else:
        guards = tuple(guard for guard in GUARDS if guard != _VERSIONS)
        yield Statement(sid="ChangeNoGuard", effect="Deny", actions=guards, resources=("*",))
        smoke_tests = (naming.verification_objects_arn(platform, tenant),)
        yield Statement(sid="KeepVersions", effect="Deny", actions=(_VERSIONS,), not_resources=smoke_tests)
    # A resource without the tag, or an action that knows no tags, is left to the other statements.
    yield Statement(
        sid="TouchNoOtherTenant",
        effect="Deny",
        actions=("*",),
        resources=("*",),
        conditions={"StringNotEquals": {owner: (tenant.id, naming.PLATFORM)}, "Null": {owner: "false"}},
    )
    # Bucket names are global: one that was given up may be another account's tomorrow.
    yield Statement(
        sid="LeaveNoAccount",
        effect="Deny",
        actions=("s3:*",),
        resources=("*",),
        conditions={
            "StringNotEquals": {"aws:ResourceAccount": platform.account},
            "Null": {"aws:ResourceAccount": "false"},
        },
    )
    if tenant.lifecycle.state == "suspended":
        yield _suspended(platform, tenant)


def _suspended(platform: PlatformSpec, tenant: TenantSpec) -> Statement:
    """Nobody acts for a suspended tenant, in sessions that exist too; its data and endpoints stay.

    SageMaker keeps the serving role: without it an endpoint could not replace an instance and would come back broken.
    Nobody can call the endpoint meanwhile, as every role that could is denied.
    """
    return Statement(
        sid="Suspended",
        effect="Deny",
        actions=("*",),
        resources=("*",),
        conditions={"ArnNotEquals": {"aws:PrincipalArn": naming.role_arn(platform, tenant, "serving")}},
    )
