"""What the roles of a tenant may do."""

from __future__ import annotations

import pytest

from infra import naming
from infra.naming import TenantBucketKind, TenantRoleKind
from infra.policies.document import PolicyDocument
from infra.policies.interfaces import CHANGE, CREATE, network_interfaces
from infra.policies.principals import role_kinds
from infra.policies.roles import identity
from tests.unit.policies.documents import ACME, PLATFORM, SUBNETS, allows, changed, statement, values

ACCESS: dict[TenantRoleKind, dict[TenantBucketKind, str]] = {
    "training": {"data": "rw", "models": "rw"},
    "serving": {"models": "r", "capture": "w"},
    "invoke": {},
    "data-scientist": {"data": "rw", "models": "rw", "capture": "r"},
    "deploy": {"models": "rw"},
    "verification": {},
}


def access(document: PolicyDocument) -> dict[TenantBucketKind, str]:
    """Which buckets' objects a policy reads (r) and writes (w)."""
    found: dict[TenantBucketKind, str] = {}
    kinds: tuple[TenantBucketKind, ...] = ("data", "models", "capture")
    for kind in kinds:
        objects = naming.bucket_arn(naming.bucket(PLATFORM, ACME, kind)) + "/*"
        allowed = {action for each in allows(document) if objects in each.resources for action in each.actions}
        rights = ("r" if "s3:GetObject" in allowed else "") + ("w" if "s3:PutObject" in allowed else "")
        if rights:
            found[kind] = rights
    return found


@pytest.mark.parametrize("kind", ACCESS)
def test_each_role_reads_and_writes_what_it_works_with(kind: TenantRoleKind) -> None:
    """The table of roles and buckets; a policy that writes more differs from it."""
    document = identity(PLATFORM, ACME, kind)
    assert access(document) == ACCESS[kind]
    if kind == "serving":
        objects = naming.bucket_arn(naming.bucket(PLATFORM, ACME, "data")) + "/*"
        assert access(changed(document, "ReadModels", resources=(objects,))) != ACCESS[kind]


@pytest.mark.parametrize("kind", ACCESS)
def test_no_role_deletes_versions_or_administers(kind: TenantRoleKind) -> None:
    """No role changes policies, keys or configurations, or lists what is every tenant's.

    Smoke tests remove the version that they put (`test_verification`).
    """
    allowed = {action for each in allows(identity(PLATFORM, ACME, kind)) for action in each.actions}
    verbs = {action.partition(":")[2] for action in allowed}
    assert not any(verb.startswith(("Attach", "Detach", "PutBucket", "Set", "Schedule")) for verb in verbs)
    assert ("s3:DeleteObjectVersion" in allowed) == (kind == "verification")
    assert not {action for action in allowed if action.startswith(("kms:", "sts:"))}, "keys are by the key's policy"
    listing = {action for action in allowed if action.startswith("sagemaker:List")}
    assert listing <= {"sagemaker:ListTags", "sagemaker:ListModelPackages"}


def test_every_role_has_a_row() -> None:
    """The tables above are complete."""
    assert set(ACCESS) == set(role_kinds(PLATFORM))


@pytest.mark.parametrize("kind", ["invoke", "data-scientist", "verification"])
def test_a_model_among_several_cannot_be_targeted(kind: TenantRoleKind) -> None:
    """A published hole: on an endpoint of several models the right to invoke reaches all of them."""
    invoke = statement(identity(PLATFORM, ACME, kind), "InvokeOwnEndpoints")
    assert invoke.conditions == {"Null": {"sagemaker:TargetModel": "true"}}
    assert invoke.resources == ("arn:aws:sagemaker:eu-central-1:123456789012:endpoint/bh-dev-acme-*",)


def test_a_job_runs_in_a_vpc_under_keys_as_the_tenants_own() -> None:
    """Every request for a job brings the tenant's tag, subnets, groups and keys; each key is asked for by its own."""
    start = statement(identity(PLATFORM, ACME, "data-scientist"), "StartPrivateEncryptedJobs")
    assert start.conditions["StringEquals"] == {"aws:RequestTag/tenant": "acme"}
    assert start.conditions["Null"] == dict.fromkeys(
        (
            "sagemaker:OutputKmsKey",
            "sagemaker:VolumeKmsKey",
            "sagemaker:VpcSecurityGroupIds",
            "sagemaker:VpcSubnets",
        ),
        "false",
    )


def test_only_the_training_role_is_passed_and_only_to_sagemaker() -> None:
    """A data scientist's job runs as the training role of the tenant."""
    document = identity(PLATFORM, ACME, "data-scientist")
    passing = statement(document, "PassOwnTrainingRole")
    assert passing.resources == (naming.role_arn(PLATFORM, ACME, "training"),)
    assert passing.conditions == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    passing_roles = {
        kind
        for kind in role_kinds(PLATFORM)
        if any("iam:PassRole" in each.actions for each in allows(identity(PLATFORM, ACME, kind)))
    }
    assert passing_roles == {"data-scientist"}


def test_who_registers_a_model_does_not_approve_it() -> None:
    """The CI approves; data scientists register."""
    approval = "sagemaker:UpdateModelPackage"
    approves = {
        kind
        for kind in role_kinds(PLATFORM)
        if any(approval in each.actions for each in allows(identity(PLATFORM, ACME, kind)))
    }
    assert approves == {"deploy"}


def bound_to_own_subnets(document: PolicyDocument) -> bool:
    """Whether interfaces are made in the tenant's subnets, and changed only there."""
    subnets = {f"arn:aws:ec2:eu-central-1:123456789012:subnet/{subnet}" for subnet in SUBNETS}
    making = {arn for each in allows(document) if set(CREATE) & set(each.actions) for arn in each.resources}
    changing = [each for each in allows(document) if set(CHANGE) & set(each.actions)]
    return {arn for arn in making if ":subnet/" in arn} == subnets and all(
        set(values(each.conditions.get("ArnEquals"), "ec2:Subnet")) == subnets for each in changing
    )


def test_interfaces_are_made_and_removed_in_the_tenants_own_subnets() -> None:
    """AWS's examples allow every interface of the account, by which one tenant could remove another's."""
    document = network_interfaces(PLATFORM, ACME, SUBNETS)
    assert bound_to_own_subnets(document)
    assert not bound_to_own_subnets(changed(document, "HandOverAndRemoveOwn", conditions={}))
    assert not bound_to_own_subnets(changed(document, "MakeInOwnSubnets", resources=("*",)))


def test_job_logs_of_other_tenants_are_not_listed() -> None:
    """All tenants' jobs share a log group: a role reaches the streams of its own prefix and no list of streams."""
    for kind in ("training", "data-scientist"):
        for each in allows(identity(PLATFORM, ACME, kind)):
            shared = [arn for arn in each.resources if "/aws/sagemaker/TrainingJobs" in arn]
            for arn in shared:
                own = arn.endswith(":log-stream:bh-dev-acme-*")
                assert own or each.actions == ("logs:CreateLogGroup",), each.sid
                assert not own or "logs:DescribeLogStreams" not in each.actions
