"""The role that provisions tenants: it makes what they have, and sees nothing of what is in there."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from infra import naming
from infra.policies import actions, gateway, provisioning
from infra.policies.document import PolicyDocument
from infra.policies.platform_boundary import platform_boundary
from tests.unit.policies.documents import ACME, PLATFORM, allows, changed, statement, values

POLICIES = provisioning.policies(PLATFORM)
IDENTITIES = POLICIES["identities"]
BOUNDARY = platform_boundary(PLATFORM)
EVERYTHING = PolicyDocument(tuple(each for document in POLICIES.values() for each in document.statements))


def allowed(document: PolicyDocument, action: str, resource: str = "*") -> list[str]:
    """The statements that allow the action on the resource, conditions apart."""
    return [
        each.sid
        for each in allows(document)
        if any(fnmatchcase(action, pattern) for pattern in each.actions)
        and any(resource == "*" or fnmatchcase(resource, pattern) for pattern in each.resources)
    ]


def denied(document: PolicyDocument, action: str, resource: str) -> bool:
    """Whether some unconditional statement denies the action on the resource."""
    for each in document.statements:
        if each.effect == "Allow" or each.conditions:
            continue
        if not any(fnmatchcase(action, pattern) for pattern in each.actions):
            continue
        if any(fnmatchcase(resource, pattern) for pattern in each.resources):
            return True
        if each.not_resources and not any(fnmatchcase(resource, pattern) for pattern in each.not_resources):
            return True
    return False


def one_tenant(document: PolicyDocument) -> bool:
    """Whether a role is made only with its tenant's path, name, tag and boundary, all of one tenant."""
    make = statement(document, "MakeBoundedRoles")
    tag = "${aws:RequestTag/tenant}"
    return make.resources == (f"arn:aws:iam::123456789012:role/bulkhead/dev/{tag}/*",) and make.conditions == {
        "StringEquals": {
            "iam:PermissionsBoundary": f"arn:aws:iam::123456789012:policy/bulkhead/dev/{tag}/bh-dev-{tag}-boundary"
        }
    }


def test_a_role_is_made_with_the_boundary_of_its_own_tenant_only() -> None:
    """Path, tag and boundary are compared with one tag of the request; any other boundary is none."""
    assert allowed(IDENTITIES, "iam:CreateRole") == ["MakeBoundedRoles"]
    assert one_tenant(IDENTITIES)
    any_boundary = {"StringLike": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/*"}}
    assert not one_tenant(changed(IDENTITIES, "MakeBoundedRoles", conditions=any_boundary))
    assert not one_tenant(changed(IDENTITIES, "MakeBoundedRoles", conditions={}))


def test_policies_are_written_into_bounded_roles_only() -> None:
    """A role without a tenant's boundary gets no policy, and no managed policy is attached to any."""
    write = statement(IDENTITIES, "WriteIntoBoundedRoles")
    assert write.conditions == {
        "ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/bulkhead/dev/*/bh-dev-*-boundary"}
    }
    assert allowed(IDENTITIES, "iam:PutRolePolicy") == ["WriteIntoBoundedRoles"]
    for action in ("iam:AttachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"):
        assert not allowed(EVERYTHING, action)
        assert not allowed(BOUNDARY, action), "nor could it be given the right"


@pytest.mark.parametrize(
    "action", ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateSAMLProvider", "iam:AddUserToGroup"]
)
def test_it_makes_no_other_identities(action: str) -> None:
    """Neither its policies nor its boundary know users, keys or identity providers."""
    assert not allowed(EVERYTHING, action)
    assert not allowed(BOUNDARY, action)


@pytest.mark.parametrize("action", actions.KEY_USE)
def test_it_never_uses_a_key(action: str) -> None:
    """No policy allows it and the boundary denies it, so that no key's policy can grant it either."""
    assert not allowed(EVERYTHING, action)
    assert denied(BOUNDARY, action, "arn:aws:kms:eu-central-1:123456789012:key/any")


def test_it_sees_no_content_of_a_bucket() -> None:
    """No object of data or captures is read, none is written anywhere; of models the metadata can be had."""
    data, models, capture = (
        naming.bucket_arn(naming.bucket(PLATFORM, ACME, kind)) + "/x" for kind in ("data", "models", "capture")
    )
    for objects in (data, capture):
        assert not allowed(EVERYTHING, "s3:GetObject", objects)
        assert denied(BOUNDARY, "s3:GetObject", objects)
    assert not denied(BOUNDARY, "s3:GetObject", models), "the positive control: digests of models"
    assert allowed(EVERYTHING, "s3:GetObject", models) == ["ReadDigestsOfModels"]
    assert denied(BOUNDARY, "s3:GetObjectVersion", models)
    assert all(denied(BOUNDARY, "s3:PutObject", objects) for objects in (data, models, capture))


def test_it_calls_no_model_pulls_no_image_and_reads_no_log() -> None:
    """What passes through a tenant's endpoint, image or log stays with the tenant."""
    for action in ("sagemaker:InvokeEndpoint", "ecr:BatchGetImage", "logs:GetLogEvents", "logs:FilterLogEvents"):
        assert not allowed(EVERYTHING, action)
        assert denied(BOUNDARY, action, "arn:aws:any")


def test_it_becomes_no_tenant() -> None:
    """It assumes no role; by its boundary only invoke roles could be, which is the gateway's right."""
    assert not allowed(EVERYTHING, "sts:AssumeRole")
    for kind in ("training", "serving", "deploy", "data-scientist"):
        assert not allowed(BOUNDARY, "sts:AssumeRole", naming.role_arn(PLATFORM, ACME, kind))
    assert allowed(BOUNDARY, "sts:AssumeRole", naming.role_arn(PLATFORM, ACME, "invoke"))


@pytest.mark.parametrize(
    "action", ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole", "iam:TagRole", "iam:CreateRole"]
)
def test_it_cannot_change_itself(action: str) -> None:
    """The roles and the boundary of the platform are the account's, not its own."""
    assert denied(BOUNDARY, action, naming.platform_role_arn(PLATFORM, "provisioning"))
    assert denied(BOUNDARY, action, naming.platform_role_arn(PLATFORM, "gateway"))
    assert not denied(BOUNDARY, action, naming.role_arn(PLATFORM, ACME, "training")), "the positive control"


def test_it_cannot_loosen_its_own_boundary() -> None:
    """A new version of the boundary would be all that it takes."""
    for action in ("iam:CreatePolicyVersion", "iam:DeletePolicy"):
        assert denied(BOUNDARY, action, naming.boundary_arn(PLATFORM))
        assert not denied(BOUNDARY, action, naming.boundary_arn(PLATFORM, ACME)), "the positive control"


def test_it_leaves_the_records_alone() -> None:
    """The buckets of the trail, of Config and of the access logs are closed to it, and the services are unknown."""
    for kind in ("audit", "config", "access-logs"):
        bucket = naming.bucket_arn(naming.platform_bucket(PLATFORM, kind))
        assert denied(BOUNDARY, "s3:PutBucketPolicy", bucket)
        assert denied(BOUNDARY, "s3:DeleteObject", f"{bucket}/AWSLogs/x")
    for action in ("cloudtrail:StopLogging", "config:StopConfigurationRecorder", "guardduty:DeleteDetector"):
        assert not allowed(BOUNDARY, action)
    tenants = naming.bucket_arn(naming.bucket(PLATFORM, ACME, "data"))
    assert not denied(BOUNDARY, "s3:PutBucketPolicy", tenants), "the positive control"


def test_roles_are_passed_by_name_to_their_service() -> None:
    """Execution roles to SageMaker, the role of flow logs to VPC Flow Logs."""
    execution = statement(IDENTITIES, "PassExecutionRoles")
    assert {arn.rpartition("-")[2] for arn in execution.resources} == {"training", "serving"}
    assert values(execution.conditions["StringEquals"], "iam:PassedToService") == ("sagemaker.amazonaws.com",)
    assert statement(IDENTITIES, "PassTheFlowLogsRole").resources == (naming.platform_role_arn(PLATFORM, "flow-logs"),)


def test_what_it_makes_carries_an_owner_and_what_it_changes_has_one() -> None:
    """Keys and networks have ids of AWS's: without the owner's tag, or with the platform's, they are out of reach."""
    for subject, sid, where in (
        ("storage", "MakeKeys", "aws:RequestTag"),
        ("storage", "AdministerKeys", "aws:ResourceTag"),
        ("network", "MakeOfATenant", "aws:RequestTag"),
        ("network", "ChangeOfATenant", "aws:ResourceTag"),
    ):
        conditions = statement(POLICIES[subject], sid).conditions
        assert conditions["StringEquals"] == {f"{where}/managed-by": "bulkhead", f"{where}/stage": "dev"}, sid
        assert conditions["StringNotEquals"] == {f"{where}/tenant": "platform"}, sid
        assert conditions["Null"] == {f"{where}/tenant": "false"}, "a missing tag makes the negation true"


def test_a_key_is_made_with_the_safety_check() -> None:
    """KMS refuses a policy that locks its caller out, unless the request says not to."""
    conditions = statement(POLICIES["storage"], "MakeKeys").conditions
    assert conditions["Bool"] == {"kms:BypassPolicyLockoutSafetyCheck": "false"}


def test_who_provisions_is_named_and_of_the_account() -> None:
    """The principals of the spec, and no other account's."""
    (who,) = provisioning.trust(PLATFORM).statements
    assert who.principal is not None
    assert who.principal.aws == PLATFORM.provisioning.trusted_principals
    assert who.conditions == {"StringEquals": {"aws:PrincipalAccount": "123456789012"}}


def test_the_gateway_assumes_the_role_of_the_tenant_that_it_tags() -> None:
    """The role's path and name come from the tag of the request, and nothing else is allowed to the gateway."""
    (only,) = gateway.identity(PLATFORM).statements
    tag = "${aws:RequestTag/tenant}"
    assert only.actions == ("sts:AssumeRole", "sts:TagSession")
    assert only.resources == (f"arn:aws:iam::123456789012:role/bulkhead/dev/{tag}/bh-dev-{tag}-invoke",)
