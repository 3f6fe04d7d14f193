"""The role that provisions tenants: who assumes it, and its policies by subject.

It makes, changes and removes what tenants' stacks are made of, and only that: names under the stage's prefix, resources
that carry the blueprint's tags. What it may never do is in its boundary (`infra.policies.platform_boundary`).

Tenants' roles: a role, its path, its boundary and its tag are of one tenant, because they are compared with the same
tag of the request. An inline policy is written only into a role that has a tenant's boundary. No managed policy is ever
attached. What remains is inherent in provisioning: it writes the policies, the boundaries and the trust of tenants, so
the audit trail keeps every such call where this role cannot reach it.

Sources: Service Authorization Reference, the pages of the services; IAM User Guide, "Permissions boundaries for IAM
entities" (delegating responsibility), "Control access to and for IAM users and roles using tags".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra import naming
from infra.policies import (
    provisioning_leftovers,
    provisioning_network,
    provisioning_storage,
    provisioning_workloads,
)
from infra.policies.any_tenant import ANY, REQUESTED
from infra.policies.document import PolicyDocument, Principal, Statement
from infra.policies.principals import EXECUTION_ROLES
from infra.spec.platform import PlatformSpec
from infra.tags import TENANT_TAG

#: The most characters of a managed policy, and how many a role takes.
MAX_SIZE = 6_144
MAX_POLICIES = 10

#: Application Auto Scaling's own role for endpoints, which the first scaling target of an account makes.
_SCALING = "sagemaker.application-autoscaling.amazonaws.com"
_SCALING_ROLE = f"aws-service-role/{_SCALING}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"


def trust(platform: PlatformSpec) -> PolicyDocument:
    """The principals of the platform's spec assume the role, within the account."""
    return PolicyDocument(
        (
            Statement(
                sid="WhoProvisions",
                principal=Principal(aws=platform.provisioning.trusted_principals),
                actions=("sts:AssumeRole",),
                conditions={"StringEquals": {"aws:PrincipalAccount": platform.account}},
            ),
        )
    )


def policies(platform: PlatformSpec) -> Mapping[str, PolicyDocument]:
    """The role's managed policies by their subject."""
    return {
        "identities": PolicyDocument(tuple(_identities(platform))),
        "leftovers": PolicyDocument(tuple(provisioning_leftovers.statements(platform))),
        "network": PolicyDocument(tuple(provisioning_network.statements(platform))),
        "storage": PolicyDocument(tuple(provisioning_storage.statements(platform))),
        "workloads": PolicyDocument(tuple(provisioning_workloads.statements(platform))),
    }


def _identities(platform: PlatformSpec) -> Iterator[Statement]:
    own_role = naming.tenant_roles_arn(platform, REQUESTED)
    own_boundary = naming.boundary_arn(platform, REQUESTED)
    any_role = naming.tenant_roles_arn(platform, ANY)
    any_boundary = naming.boundary_arn(platform, ANY)
    yield Statement(
        sid="MakeBoundedRoles",
        actions=("iam:CreateRole",),
        resources=(own_role,),
        conditions={"StringEquals": {"iam:PermissionsBoundary": own_boundary}},
    )
    yield Statement(
        sid="MakeAndTagOfOneTenant",
        actions=("iam:CreatePolicy", "iam:TagPolicy", "iam:TagRole"),
        resources=(own_role, own_boundary),
    )
    yield Statement(
        sid="TagButNeverTheOwner",
        actions=("iam:TagPolicy", "iam:TagRole", "iam:UntagPolicy", "iam:UntagRole"),
        resources=(any_role, any_boundary),
        conditions={"ForAllValues:StringNotEquals": {"aws:TagKeys": TENANT_TAG}},
    )
    yield Statement(
        sid="WriteIntoBoundedRoles",
        actions=("iam:DeleteRolePolicy", "iam:PutRolePolicy"),
        resources=(any_role,),
        conditions={"ArnLike": {"iam:PermissionsBoundary": any_boundary}},
    )
    yield Statement(
        sid="LookAfterRoles",
        actions=(
            "iam:DeleteRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
            "iam:ListRoleTags",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        resources=(any_role,),
    )
    # A request names a role without its path. While there is no such role, that name is all that AWS can compare, and
    # a recovery or a refresh that asks whether a role is there would be denied instead of told that it is not.
    yield Statement(
        sid="SeeThatARoleIsGone",
        actions=("iam:GetRole", "iam:GetRolePolicy"),
        resources=(naming.absent_roles_arn(platform),),
    )
    yield Statement(
        sid="LookAfterBoundaries",
        actions=(
            "iam:CreatePolicyVersion",
            "iam:DeletePolicy",
            "iam:DeletePolicyVersion",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
            "iam:ListEntitiesForPolicy",
            "iam:ListPolicyTags",
            "iam:ListPolicyVersions",
        ),
        resources=(any_boundary,),
    )
    yield Statement(
        sid="PassExecutionRoles",
        actions=("iam:PassRole",),
        resources=tuple(naming.role_arn(platform, ANY, kind) for kind in EXECUTION_ROLES),
        conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )
    yield Statement(
        sid="PassTheFlowLogsRole",
        actions=("iam:PassRole",),
        resources=(naming.platform_role_arn(platform, "flow-logs"),),
        conditions={"StringEquals": {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}},
    )
    yield Statement(
        sid="ScalingRole",
        actions=("iam:CreateServiceLinkedRole",),
        resources=(f"arn:aws:iam::{platform.account}:role/{_SCALING_ROLE}",),
        conditions={"StringEquals": {"iam:AWSServiceName": _SCALING}},
    )
    # A run that was killed finds what it made by its tags.
    yield Statement(sid="FindByTags", actions=("tag:GetResources",), resources=("*",))
