"""The boundary of a tenant's roles: above what they need, below what isolation rests on."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from infra import naming
from infra.policies.boundary import GUARDS, tenant_boundary
from infra.policies.document import PolicyDocument
from infra.policies.interfaces import network_interfaces
from infra.policies.principals import role_kinds
from infra.policies.roles import identity
from tests.components.specs import tenant
from tests.unit.policies.documents import ACME, PLATFORM, SUBNETS, allows, statement, without

BOUNDARY = tenant_boundary(PLATFORM, ACME)
SUSPENDED = tenant_boundary(PLATFORM, tenant("acme", lifecycle={"state": "suspended"}))


#: What a tenant would have to change to get at another: one action of each kind at least.
TAMPERING = (
    "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "config:DeleteConfigRule",
    "config:StopConfigurationRecorder", "cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions",
    "guardduty:DeleteDetector", "guardduty:UpdateDetector", "iam:AddUserToGroup", "iam:AttachRolePolicy",
    "iam:CreateAccessKey", "iam:CreatePolicyVersion", "iam:CreateRole", "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy", "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:PutUserPolicy", "iam:RemoveRoleFromInstanceProfile",
    "iam:SetDefaultPolicyVersion", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
    "iam:UpdateSAMLProvider", "kms:CreateAlias", "kms:DisableKey", "kms:DisableKeyRotation", "kms:PutKeyPolicy",
    "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias",
    "s3:BypassGovernanceRetention", "s3:CreateAccessPoint", "s3:DeleteBucket", "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion", "s3:PutAccessPointPolicy", "s3:PutAccountPublicAccessBlock", "s3:PutBucketAcl",
    "s3:PutBucketLogging", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutObjectAcl", "s3:PutObjectVersionAcl",
    "s3:PutReplicationConfiguration", "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateRoute", "ec2:CreateTags", "ec2:CreateVpcEndpoint", "ec2:DeleteFlowLogs", "ec2:DeleteTags",
    "ec2:DeleteVpcEndpoints", "ec2:ModifySecurityGroupRules", "ec2:ModifyVpcEndpoint", "ec2:ReplaceRoute",
    "ec2:RevokeSecurityGroupEgress", "ec2:AttachInternetGateway", "ecr:DeleteRepository",
    "ecr:DeleteRepositoryPolicy", "ecr:PutImageTagMutability", "ecr:PutRegistryPolicy", "ecr:SetRepositoryPolicy",
    "ecr:BatchDeleteImage", "ecr:PutLifecyclePolicy", "logs:AssociateKmsKey", "logs:DeleteLogGroup",
    "logs:DeleteLogStream", "logs:DisassociateKmsKey", "logs:PutResourcePolicy", "logs:PutRetentionPolicy",
    "logs:PutSubscriptionFilter", "logs:DeleteRetentionPolicy", "sagemaker:CreatePresignedDomainUrl",
    "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:DeleteTags", "sagemaker:PutModelPackageGroupPolicy",
    "sagemaker:DeleteModelPackageGroupPolicy", "sns:AddPermission", "sns:RemovePermission", "sns:SetTopicAttributes",
    "sts:AssumeRole", "sts:GetFederationToken", "sts:TagSession", "organizations:LeaveOrganization",
)  # fmt: skip


def needed() -> Iterator[str]:
    """Every action that a policy of the tenant's roles allows."""
    identities = (identity(PLATFORM, ACME, kind) for kind in role_kinds(PLATFORM))
    for document in (*identities, network_interfaces(PLATFORM, ACME, SUBNETS)):
        for each in allows(document):
            yield from each.actions


def outside(document: PolicyDocument) -> set[str]:
    """What the roles need and the boundary does not allow."""
    allowed = [pattern for each in allows(document) for pattern in each.actions]
    return {action for action in needed() if not any(fnmatchcase(action, pattern) for pattern in allowed)}


def guarded(action: str, guards: tuple[str, ...] = GUARDS) -> bool:
    """Whether a guard denies the action; IAM ignores the case of actions."""
    return any(fnmatchcase(action.lower(), guard.lower()) for guard in guards)


def test_the_boundary_allows_what_the_roles_need() -> None:
    """No role is crippled by its boundary; a boundary that lacks a statement is seen to cripple one."""
    assert outside(BOUNDARY) == set()
    assert "sagemaker:InvokeEndpoint" in outside(without(BOUNDARY, "OwnModels"))


def test_no_guard_hits_what_the_roles_need() -> None:
    """A Deny that is too wide would break a role; a guard of all reads is seen to."""
    guards = statement(BOUNDARY, "ChangeNoGuard").actions
    assert {action for action in needed() if guarded(action, guards)} == set()
    assert {action for action in needed() if guarded(action, (*GUARDS, "s3:Get*"))}


@pytest.mark.parametrize("action", TAMPERING)
def test_what_isolation_rests_on_is_denied(action: str) -> None:
    """Neither identities, keys, policies, networks, logs nor the audit can be changed by a tenant's role."""
    allowed = [pattern for each in allows(BOUNDARY) for pattern in each.actions]
    assert guarded(action) or not any(fnmatchcase(action, pattern) for pattern in allowed)
    if action.split(":", maxsplit=1)[0] != "organizations":
        assert guarded(action), "denied, so that no resource's policy can grant it either"


def test_the_guards_are_unconditional() -> None:
    """A guard with a condition would be none for a request that lacks the key."""
    guard = statement(BOUNDARY, "ChangeNoGuard")
    assert (guard.effect, guard.resources, guard.conditions) == ("Deny", ("*",), {})


def test_a_resource_tagged_with_another_tenant_is_denied() -> None:
    """The denial holds for a tag that is there and is neither the tenant's nor the platform's; both keys are needed."""
    deny = statement(BOUNDARY, "TouchNoOtherTenant")
    assert deny.actions == ("*",)
    assert deny.conditions == {
        "StringNotEquals": {"aws:ResourceTag/tenant": ("acme", "platform")},
        "Null": {"aws:ResourceTag/tenant": "false"},
    }


def test_a_suspended_tenant_has_nobody_who_acts() -> None:
    """Every role is denied everything but the one that keeps endpoints alive, which nobody can call."""
    deny = statement(SUSPENDED, "Suspended")
    assert (deny.effect, deny.actions, deny.resources) == ("Deny", ("*",), ("*",))
    assert deny.conditions == {"ArnNotEquals": {"aws:PrincipalArn": naming.role_arn(PLATFORM, ACME, "serving")}}
    assert "Suspended" not in {each.sid for each in BOUNDARY.statements}, "the positive control"
    assert without(SUSPENDED, "Suspended") == BOUNDARY


def test_keys_are_used_by_the_tenants_tag_only() -> None:
    """AWS assigns the ids of keys: the tag says whose one is, and tenants cannot tag."""
    for sid in ("OwnKey", "OwnKeyForVolumes"):
        assert statement(BOUNDARY, sid).conditions["StringEquals"] == {"aws:ResourceTag/tenant": "acme"}
    assert guarded("kms:TagResource")
