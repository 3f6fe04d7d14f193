"""The permission boundary of the roles that act for the platform on tenants: provisioning and the gateway.

Whatever policies they get, they never use a tenant's key, see the content of a bucket, or call a model; they cannot
change themselves, the audit, or what tenants share. To assume a tenant's role is the gateway's, and the invoke role's
alone.

Source: IAM User Guide, "Permissions boundaries for IAM entities" (delegating responsibility to others).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.policies import actions
from infra.policies.any_tenant import ANY
from infra.policies.document import PolicyDocument, Statement
from infra.policies.principals import EXECUTION_ROLES
from infra.spec.platform import PlatformSpec
from infra.tags import TENANT_TAG

#: What provisioning works with; its policies say how much of it. IAM is listed by action, below.
_SERVICES = (
    "application-autoscaling:*",
    "budgets:*",
    "cloudwatch:*",
    "ec2:*",
    "ecr:*",
    "kms:*",
    "logs:*",
    "s3:*",
    "sagemaker:*",
    "sns:*",
    "tag:GetResources",
)
#: What an erasure removes besides, and no more of these services: neither a secret's value nor a parameter's.
_LEFTOVERS = (
    "backup:Delete*",
    "backup:List*",
    "secretsmanager:DeleteSecret",
    "secretsmanager:ListSecrets",
    "ssm:DeleteParameter",
    "ssm:DescribeParameters",
)
#: No users, groups, access keys, identity providers, attachments of managed policies, or changes of a boundary.
_IDENTITIES = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateServiceLinkedRole",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:Get*",
    "iam:List*",
    "iam:PutRolePolicy",
    "iam:TagPolicy",
    "iam:TagRole",
    "iam:UntagPolicy",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole*",
)
_PASSED_TO = ("sagemaker.amazonaws.com", "vpc-flow-logs.amazonaws.com")
#: A service-linked role has a path of AWS's own.
_CHANGES_OF_IDENTITIES = tuple(
    action for action in _IDENTITIES if action not in {"iam:CreateServiceLinkedRole", "iam:Get*", "iam:List*"}
)


def platform_boundary(platform: PlatformSpec) -> PolicyDocument:
    """The boundary of the platform's provisioning and gateway role."""
    return PolicyDocument((*_allowed(platform), *_denied(platform)))


def _allowed(platform: PlatformSpec) -> Iterator[Statement]:
    yield Statement(sid="ProvisionWhatTenantsHave", actions=(*_SERVICES, *_LEFTOVERS, *_IDENTITIES), resources=("*",))
    yield Statement(
        sid="PassRolesToTheirServices",
        actions=("iam:PassRole",),
        resources=(
            *(naming.role_arn(platform, ANY, kind) for kind in EXECUTION_ROLES),
            naming.platform_role_arn(platform, "flow-logs"),
        ),
        conditions={
            "StringEquals": {"iam:PassedToService": ("sagemaker.amazonaws.com", "vpc-flow-logs.amazonaws.com")}
        },
    )
    yield Statement(
        sid="ActForTenantsByInvokeRoles",
        actions=("sts:AssumeRole", "sts:TagSession"),
        resources=(naming.role_arn(platform, ANY, "invoke"),),
    )


def _denied(platform: PlatformSpec) -> Iterator[Statement]:
    owner = f"aws:ResourceTag/{TENANT_TAG}"
    of_the_platform = {"StringEquals": {owner: naming.PLATFORM}}
    bucket = naming.any_bucket_arn(platform, ANY)
    itself = (naming.platform_roles_arn(platform), naming.platform_policies_arn(platform))
    yield _deny("UseNoKey", actions.KEY_USE, ("*",))
    yield _deny(
        "SeeNoContent",
        ("s3:GetObjectVersion*", "s3:PutObject*", "s3:ReplicateObject", "s3:RestoreObject"),
        (f"{bucket}/*",),
    )
    readable = naming.bucket_arn(naming.bucket(platform, ANY, "models"))
    yield Statement(
        sid="ReadMetadataOfModelsOnly", effect="Deny", actions=("s3:GetObject*",), not_resources=(f"{readable}/*",)
    )
    yield _deny("CallNoModel", ("sagemaker:Invoke*",), ("*",))
    yield _deny("PullNoImage", ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", *actions.IMAGES_PUSH), ("*",))
    yield _deny("ReadNoLogs", ("logs:Filter*", "logs:GetLog*", "logs:StartLiveTail", "logs:StartQuery"), ("*",))
    yield _deny("ChangeNoRoleOfThePlatform", _CHANGES_OF_IDENTITIES, itself)
    records = [
        naming.bucket_arn(naming.platform_bucket(platform, kind)) for kind in get_args(naming.PlatformBucketKind)
    ]
    yield _deny("LeaveTheRecords", ("s3:*",), (*records, *(f"{record}/*" for record in records)))
    yield Statement(
        sid="LeaveWhatIsShared",
        effect="Deny",
        actions=(
            "ec2:Delete*",
            "ec2:ModifySubnet*",
            "ec2:ModifyVpc*",
            "ec2:*Tags",
            "ecr:*",
            "kms:*",
            "logs:Delete*",
            "sns:*",
        ),
        resources=("*",),
        conditions=of_the_platform,
    )


def _deny(sid: str, denied: tuple[str, ...], resources: tuple[str, ...]) -> Statement:
    return Statement(sid=sid, effect="Deny", actions=denied, resources=resources)
