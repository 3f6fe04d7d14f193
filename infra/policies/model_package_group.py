"""The resource policy of a model package group: the registry of one model's versions belongs to one tenant.

Sources: Amazon SageMaker AI API Reference, "PutModelPackageGroupPolicy"; Service Authorization Reference, "Actions,
resources, and condition keys for Amazon SageMaker AI".
"""

from __future__ import annotations

from infra import naming
from infra.policies import actions
from infra.policies.document import ANYONE, PolicyDocument, Statement
from infra.policies.principals import roles
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec

#: What the wall keeps: the versions. Looking at the group itself is left to whoever administers the account.
_VERSIONS = ("sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", *actions.REGISTRY_APPROVE)


def model_package_group(platform: PlatformSpec, tenant: TenantSpec, model: str) -> PolicyDocument:
    """The policy of the registry of `model`: data scientists and the CI register versions, the CI approves them.

    Args:
        platform: The platform's spec.
        tenant: The registry's owner.
        model: The model's name in the tenant's spec.
    """
    name = naming.model_package_group(platform, tenant, model)
    group = naming.sagemaker_arn(platform, "model-package-group", name)
    versions = naming.sagemaker_arn(platform, "model-package", f"{name}/*")
    insiders = (naming.tenant_roles_arn(platform, tenant), naming.platform_roles_arn(platform))
    people = roles(platform, tenant, "data-scientist", "deploy")
    approvers = roles(platform, tenant, "deploy")
    return PolicyDocument(
        (
            Statement(sid="Register", principal=people, actions=actions.REGISTRY_REGISTER, resources=(group, versions)),
            Statement(sid="Approve", principal=approvers, actions=actions.REGISTRY_APPROVE, resources=(versions,)),
            Statement(
                sid="NobodyElse",
                effect="Deny",
                principal=ANYONE,
                actions=_VERSIONS,
                resources=(group, versions),
                conditions={
                    "ArnNotLike": {"aws:PrincipalArn": insiders},
                    "Bool": {"aws:PrincipalIsAWSService": "false"},
                },
            ),
        )
    )
