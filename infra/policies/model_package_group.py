"""The resource policy of a model package group: the registry of one model's versions belongs to one tenant.

Sources: Amazon SageMaker AI API Reference, "PutModelPackageGroupPolicy"; Service Authorization Reference, "Actions,
resources, and condition keys for Amazon SageMaker AI".
"""

from __future__ import annotations

from infra import naming
from infra.policies.document import ANYONE, PolicyDocument, Principal, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

_READ_GROUP = ("sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages")
_READ = ("sagemaker:DescribeModelPackage",)
_REGISTER = ("sagemaker:CreateModelPackage",)
_APPROVE = ("sagemaker:UpdateModelPackage",)


def model_package_group(platform: PlatformSpec, tenant: TenantSpec, model: str) -> PolicyDocument:
    """The policy of the registry of `model`: jobs and data scientists register versions, the tenant's CI approves them.

    Args:
        platform: The platform's spec.
        tenant: The registry's owner.
        model: The model's name in the tenant's spec.
    """
    name = naming.model_package_group(platform, tenant, model)
    group = naming.sagemaker_arn(platform, "model-package-group", name)
    versions = naming.sagemaker_arn(platform, "model-package", f"{name}/*")

    def roles(*kinds: naming.TenantRoleKind) -> Principal:
        return Principal(aws=tuple(naming.role_arn(platform, tenant, kind) for kind in kinds))

    insiders = (naming.tenant_roles_arn(platform, tenant), naming.platform_roles_arn(platform))
    everyone = roles("training", "serving", "data-scientist", "deploy")
    return PolicyDocument(
        (
            Statement(sid="ReadGroup", principal=everyone, actions=_READ_GROUP, resources=(group,)),
            Statement(sid="ReadVersions", principal=everyone, actions=_READ, resources=(versions,)),
            Statement(
                sid="Register",
                principal=roles("training", "data-scientist", "deploy"),
                actions=_REGISTER,
                resources=(group, versions),
            ),
            Statement(sid="Approve", principal=roles("deploy"), actions=_APPROVE, resources=(versions,)),
            Statement(
                sid="NobodyElse",
                effect="Deny",
                principal=ANYONE,
                actions=(*_READ, *_REGISTER, *_APPROVE),
                resources=(group, versions),
                conditions={
                    "ArnNotLike": {"aws:PrincipalArn": insiders},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        )
    )
