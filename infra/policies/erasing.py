"""What holds the provisioning role to one tenant while that tenant is erased: the policy of its session.

The role can remove what is any tenant's. A session has what its role and its policy both allow, so a mistake in telling
whose a thing is (``acme`` and ``acmeeu``) is stopped by AWS: what bears another owner's tag, and what services know by
another name, cannot be touched.

Source: IAM User Guide, "Session policies"; AWS STS API Reference, "AssumeRole" (the size of a session policy).
"""

from __future__ import annotations

from infra import naming
from infra.policies.document import PolicyDocument, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG

#: The most characters of a session policy.
MAX_SESSION_SIZE = 2_048

#: What removes things that are told apart by their names.
_REMOVAL = (
    "budgets:Modify*",
    "cloudwatch:Delete*",
    "ecr:*Delete*",
    "iam:CreateP*",
    "iam:De*",
    "iam:Put*",
    "iam:Update*",
    "logs:Delete*",
    "s3:Abort*",
    "s3:Delete*",
    "s3:Put*",
    "sagemaker:Delete*",
    "sagemaker:Stop*",
    "sns:DeleteTopic",
)


def of_one_tenant(platform: PlatformSpec, tenant: TenantSpec) -> PolicyDocument:
    """The policy of the session that erases a tenant.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec; only its id counts.
    """
    owner = f"aws:ResourceTag/{TENANT_TAG}"
    names, path = naming.names_of(platform, tenant), naming.path(platform, tenant)
    return PolicyDocument(
        (
            Statement(sid="WhatTheRoleMay", actions=("*",), resources=("*",)),
            Statement(
                sid="NothingWithAnothersTag",
                effect="Deny",
                actions=("*",),
                resources=("*",),
                conditions={"StringNotEquals": {owner: tenant.id}, "Null": {owner: "false"}},
            ),
            Statement(
                sid="NothingOfAnothersName",
                effect="Deny",
                actions=_REMOVAL,
                not_resources=(
                    f"arn:aws:budgets::*:budget/{names}",
                    f"arn:aws:cloudwatch:*:*:alarm:{names}",
                    f"arn:aws:cloudwatch::*:dashboard/{names}",
                    f"arn:aws:ecr:*:*:repository{path}*",
                    f"arn:aws:iam::*:policy{path}*",
                    f"arn:aws:iam::*:role{path}*",
                    f"arn:aws:logs:*:*:log-group:{path}*",
                    f"arn:aws:logs:*:*:log-group:/aws/sagemaker/*:log-stream:{names}",
                    f"arn:aws:logs:*:*:log-group:/aws/sagemaker/Endpoints/{names}",
                    f"arn:aws:s3:::{names}",
                    f"arn:aws:sagemaker:*:*:*/{names}",
                    f"arn:aws:sns:*:*:{names}",
                ),
            ),
            # The role removes these by a name or by a tag: what has no tag has the tenant's name.
            Statement(
                sid="NothingUntaggedOfAnothersName",
                effect="Deny",
                actions=("backup:DeleteBackupVault", "secretsmanager:DeleteSecret", "ssm:DeleteParameter"),
                not_resources=(
                    f"arn:aws:backup:*:*:backup-vault:{names}",
                    f"arn:aws:secretsmanager:*:*:secret:{path[1:]}*",
                    f"arn:aws:ssm:*:*:parameter{path}*",
                ),
                conditions={"Null": {owner: "true"}},
            ),
        )
    )
