"""Policies of image repositories: who pulls and who pushes, and a wall against everybody else.

In one account an identity policy alone would let its holder pull from any repository that it names. The Deny of each
policy is the wall that does not depend on what identity policies say; it leaves administration alone.

Sources: Amazon ECR User Guide, "Private repository policies", "Private repository policy examples" (a repository policy
has no resource); IAM User Guide, "AWS global condition context keys" (aws:PrincipalArn, aws:PrincipalIsAWSService).
"""

from __future__ import annotations

import json

from infra import naming
from infra.policies import actions
from infra.policies.any_tenant import ANY
from infra.policies.document import ANYONE, PolicyDocument, Statement
from infra.policies.principals import roles
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

_LOOK = ("ecr:DescribeImageScanFindings", "ecr:ListImages")
_FETCH = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")

#: An image without a tag is no longer named by anything after so many days.
_UNTAGGED_DAYS = 14


def model_repository(platform: PlatformSpec, tenant: TenantSpec) -> PolicyDocument:
    """A tenant's repository: its CI pushes, its jobs and endpoints pull, nobody else does either."""
    pullers = roles(platform, tenant, "training", "serving", "deploy")
    return PolicyDocument(
        (
            Statement(sid="Pull", principal=pullers, actions=(*actions.IMAGES_PULL, *_LOOK)),
            Statement(sid="Push", principal=roles(platform, tenant, "deploy"), actions=actions.IMAGES_PUSH),
            Statement(
                sid="NobodyElse",
                effect="Deny",
                principal=ANYONE,
                actions=(*_FETCH, *actions.IMAGES_PUSH),
                conditions={
                    "ArnNotLike": {"aws:PrincipalArn": naming.tenant_roles_arn(platform, tenant)},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        )
    )


def serving_repository(platform: PlatformSpec) -> PolicyDocument:
    """A repository of the platform: every tenant's serving role pulls, and no role of a tenant pushes.

    Who pushes says the identity policy of the platform's own CI. An image that a tenant could replace would run with
    every other tenant's data.
    """
    return PolicyDocument(
        (
            Statement(
                sid="PullByServingRoles",
                principal=ANYONE,
                actions=actions.IMAGES_PULL,
                conditions={"ArnLike": {"aws:PrincipalArn": naming.role_arn(platform, ANY, "serving")}},
            ),
            Statement(
                sid="TenantsNeverPush",
                effect="Deny",
                principal=ANYONE,
                actions=(*actions.IMAGES_PUSH, "ecr:BatchDeleteImage"),
                conditions={
                    "ArnLike": {"aws:PrincipalArn": naming.any_role_arn(platform)},
                    "ArnNotLike": {"aws:PrincipalArn": naming.platform_roles_arn(platform)},
                },
            ),
        )
    )


def expire_untagged() -> str:
    """The lifecycle policy, as text: images that no tag names go; tagged ones stay, for endpoints may run them.

    Source: Amazon ECR User Guide, "Lifecycle policy properties in Amazon ECR".
    """
    rule = {
        "rulePriority": 1,
        "description": f"Images without a tag for {_UNTAGGED_DAYS} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": _UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, separators=(",", ":"))
