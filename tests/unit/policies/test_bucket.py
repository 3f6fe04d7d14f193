"""The policy of a tenant's bucket denies everybody else, other ways, and other keys."""

from __future__ import annotations

from typing import get_args

import pytest

from infra import naming
from infra.naming import TenantBucketKind
from infra.policies.bucket import tenant_bucket
from infra.policies.document import ANYONE, PolicyDocument
from infra.policies.principals import role_arns
from tests.unit.policies.documents import ACME, KEY, PLATFORM, VPCE, changed, statement, values

KINDS = get_args(TenantBucketKind)
every_bucket = pytest.mark.parametrize("kind", KINDS)


def policy(kind: TenantBucketKind) -> PolicyDocument:
    """The policy of one of acme's buckets."""
    return tenant_bucket(PLATFORM, ACME, kind, key_arn=KEY, s3_endpoint_ids=[VPCE])


def arn(kind: TenantBucketKind) -> str:
    """The ARN of one of acme's buckets."""
    return naming.bucket_arn(naming.bucket(PLATFORM, ACME, kind))


def closed(document: PolicyDocument, sid: str, bucket: str) -> bool:
    """Whether a statement denies every action on the bucket and on what is in it, versions included, to anybody."""
    each = statement(document, sid)
    whole = set(each.resources) == {bucket, f"{bucket}/*"} and each.actions == ("s3:*",)
    return each.effect == "Deny" and each.principal == ANYONE and whole


@every_bucket
@pytest.mark.parametrize("sid", ["EncryptedTransportOnly", "Tls12OrNewer", "NobodyElse", "WorkloadsThroughOwnEndpoint"])
def test_the_doors_cover_every_action_on_the_bucket_and_its_objects(kind: TenantBucketKind, sid: str) -> None:
    """A published hole: a policy that denies Get, Put and List only, so that Delete and object versions escape."""
    assert closed(policy(kind), sid, arn(kind))
    some = changed(policy(kind), sid, actions=("s3:GetObject", "s3:PutObject", "s3:ListBucket"))
    assert not closed(some, sid, arn(kind))
    objects_only = changed(policy(kind), sid, resources=(f"{arn(kind)}/*",))
    assert not closed(objects_only, sid, arn(kind))


@every_bucket
def test_only_the_tenants_roles_and_the_platforms_are_let_in(kind: TenantBucketKind) -> None:
    """The roles that have work in buckets, provisioning and Config; neither the gateway nor the invoke role."""
    insiders = values(statement(policy(kind), "NobodyElse").conditions["ArnNotEquals"], "aws:PrincipalArn")
    platform = {naming.platform_role_arn(PLATFORM, role) for role in ("provisioning", "config")}
    smoke_tests = role_arns(PLATFORM, ACME, "verification") if kind == "models" else ()
    assert set(insiders) == {
        *role_arns(PLATFORM, ACME, "training", "serving", "data-scientist", "deploy"),
        *smoke_tests,
        *platform,
    }


@every_bucket
def test_the_platform_configures_and_sees_no_content(kind: TenantBucketKind) -> None:
    """Provisioning sees the metadata of models, for their digests, and Config not even that."""
    document = policy(kind)
    config = statement(document, "ConfigSeesNoObjects")
    assert "s3:GetObject*" in config.actions
    assert config.conditions == {"ArnEquals": {"aws:PrincipalArn": naming.platform_role_arn(PLATFORM, "config")}}
    provisioning = statement(document, "ProvisioningSeesNoContent")
    role = naming.platform_role_arn(PLATFORM, "provisioning")
    assert provisioning.conditions == {"ArnEquals": {"aws:PrincipalArn": role}}
    assert ("s3:GetObject*" in provisioning.actions) == (kind != "models")
    assert {"s3:PutObject*", "s3:DeleteObject*"} <= set(provisioning.actions)
    assert "s3:GetObjectVersion*" in provisioning.actions or kind != "models"
    assert statement(document, "OnlyProvisioningConfigures").conditions == {"ArnNotEquals": {"aws:PrincipalArn": role}}


@pytest.mark.parametrize(
    ("kind", "roles"),
    [("data", ("training", "serving")), ("models", ("training",)), ("capture", ("training", "serving"))],
)
def test_workloads_come_through_the_tenants_endpoint(kind: TenantBucketKind, roles: tuple[str, ...]) -> None:
    """Training and serving do, but for the reading of a model: SageMaker does that before there is an instance."""
    conditions = statement(policy(kind), "WorkloadsThroughOwnEndpoint").conditions
    assert conditions == {
        "ArnEquals": {
            "aws:PrincipalArn": tuple(
                f"arn:aws:iam::123456789012:role/bulkhead/dev/acme/bh-dev-acme-{r}" for r in roles
            )
        },
        "StringNotEquals": {"aws:SourceVpce": (VPCE,)},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    }


@every_bucket
def test_writes_are_under_the_tenants_key(kind: TenantBucketKind) -> None:
    """Another algorithm, another key or a key of the caller is denied; what names none gets the default."""
    document = policy(kind)
    header = "s3:x-amz-server-side-encryption"
    assert statement(document, "KmsOnly").conditions == {
        "StringNotEquals": {header: "aws:kms"},
        "Null": {header: "false"},
    }
    assert statement(document, "OwnKeyOnly").conditions == {
        "StringNotEquals": {f"{header}-aws-kms-key-id": KEY},
        "Null": {f"{header}-aws-kms-key-id": "false"},
    }
    assert statement(document, "NoKeysFromTheCaller").conditions == {"Null": {f"{header}-customer-algorithm": "false"}}


@every_bucket
def test_a_bucket_policy_grants_nothing(kind: TenantBucketKind) -> None:
    """Denials only: what a role may do is said in one place, its own policy."""
    assert {each.effect for each in policy(kind).statements} == {"Deny"}


@every_bucket
def test_versions_go_by_lifecycle_only(kind: TenantBucketKind) -> None:
    """Whoever deletes leaves a marker: an overwritten or deleted object can be had back until its version expires."""
    deny = statement(policy(kind), "VersionsGoByLifecycleOnly")
    assert (deny.actions, deny.principal) == (("s3:DeleteObjectVersion",), ANYONE)
    but = {"ArnNotEquals": {"aws:PrincipalArn": role_arns(PLATFORM, ACME, "verification")}}
    assert deny.conditions == (but if kind == "models" else {})
