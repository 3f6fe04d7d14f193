"""The policies of keys: who administers does not use, who uses does not administer."""

from __future__ import annotations

from collections.abc import Iterator

from infra import naming
from infra.policies import actions
from infra.policies.document import PolicyDocument
from infra.policies.key import ADMINISTRATION, tenant_key
from infra.policies.platform_key import platform_key
from infra.policies.principals import role_arns
from tests.components.specs import tenant
from tests.unit.policies.documents import ACME, PLATFORM, WITHOUT_SAML, allows, changed, statement, values

KEY = tenant_key(PLATFORM, ACME)
PROVISIONING = naming.platform_role_arn(PLATFORM, "provisioning")
ROOT = naming.account_root_arn(PLATFORM)
USE = {*actions.KEY_USE, "kms:GenerateDataKey*", "kms:ReEncrypt*"}


def users(document: PolicyDocument) -> set[str]:
    """The AWS principals that some statement lets use the key material."""
    return {
        arn for each in allows(document) if each.principal and USE & set(each.actions) for arn in each.principal.aws
    }


def administrators(document: PolicyDocument) -> set[str]:
    """The AWS principals that may change the key or its policy."""
    changes = {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:RevokeGrant", "kms:UpdateAlias"}
    return {
        arn for each in allows(document) if each.principal and changes & set(each.actions) for arn in each.principal.aws
    }


def unbound_grants(document: PolicyDocument) -> Iterator[str]:
    """Statements that let a principal make grants for others than AWS resources."""
    for each in allows(document):
        if "kms:CreateGrant" in each.actions and values(each.conditions.get("Bool"), "kms:GrantIsForAWSResource") != (
            "true",
        ):
            yield each.sid


def test_the_tenants_roles_use_the_key_and_nobody_else_does() -> None:
    """Neither the provisioning role nor the account nor the gateway's invoke role has any use of the key."""
    meant = role_arns(PLATFORM, ACME, "training", "serving", "data-scientist", "deploy", "verification")
    assert users(KEY) == set(meant)
    twin = changed(KEY, "ProvisioningAdministers", actions=(*ADMINISTRATION, "kms:Decrypt"))
    assert PROVISIONING in users(twin), "the check sees an administrator who decrypts"


def test_provisioning_and_the_root_user_administer_and_nobody_else_does() -> None:
    """A published hole: an execution role that administers its own key and can schedule its deletion."""
    assert administrators(KEY) == {PROVISIONING, ROOT}
    twin = changed(KEY, "WorkersUse", actions=(*actions.KEY_USE, "kms:ScheduleKeyDeletion"))
    assert administrators(twin) > {PROVISIONING, ROOT}


def test_administration_is_no_use() -> None:
    """No action of administration touches key material or makes grants."""
    assert not set(ADMINISTRATION) & {*USE, "kms:CreateGrant", "kms:Sign", "kms:DeriveSharedSecret"}


def test_the_account_is_not_delegated_to() -> None:
    """The root user comes in person: the account's ARN alone would let in whomever its identity policies name."""
    assert statement(KEY, "RootUserAdministers").conditions == {"ArnEquals": {"aws:PrincipalArn": ROOT}}
    others = {
        arn
        for each in allows(KEY)
        if each.sid != "RootUserAdministers" and each.principal
        for arn in each.principal.aws
    }
    assert ROOT not in others


def test_serving_and_deploying_use_the_key_in_the_tenants_buckets_only() -> None:
    """Through S3, and for objects of the tenant's own buckets: the encryption context names them."""
    conditions = statement(KEY, "UseInOwnBuckets").conditions
    assert conditions["StringEquals"] == {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}
    contexts = values(conditions["StringLike"], "kms:EncryptionContext:aws:s3:arn")
    assert set(contexts) == {each for arn in naming.bucket_arns(PLATFORM, ACME) for each in (arn, f"{arn}/*")}


def test_grants_are_for_aws_resources_only() -> None:
    """A grant passes by every policy, so nobody makes one for a principal of their choice."""
    assert list(unbound_grants(KEY)) == []
    assert list(unbound_grants(platform_key(PLATFORM))) == []
    assert list(unbound_grants(changed(KEY, "VolumesOfJobsAndEndpoints", conditions={})))


def test_services_act_for_the_tenants_own_things() -> None:
    """Logs encrypts the tenant's groups, CloudWatch publishes the tenant's alarms."""
    groups = values(statement(KEY, "LogsOfTheOwner").conditions["ArnLike"], "kms:EncryptionContext:aws:logs:arn")
    assert all("/acme/" in group or "/bh-dev-acme-" in group for group in groups)
    assert naming.log_group_arn(PLATFORM, "/bulkhead/dev/acme/*") in groups
    source = statement(KEY, "AlarmsOfTheOwner").conditions["ArnLike"]["aws:SourceArn"]
    assert source == "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:bh-dev-acme-*"


def test_two_tenants_keys_share_no_principal_but_the_administrators() -> None:
    """What one tenant's key lets in, the other's does not."""
    other = tenant_key(PLATFORM, tenant("acmeeu"))
    assert not users(KEY) & users(other)


def test_a_key_names_only_roles_that_exist() -> None:
    """Without a SAML provider there is no data scientists' role, and KMS refuses a policy that names it."""
    assert not any("data-scientist" in arn for arn in users(tenant_key(WITHOUT_SAML, ACME)))
    assert any("data-scientist" in arn for arn in users(KEY))


def test_no_role_of_the_blueprint_administers_or_reads_under_the_platforms_key() -> None:
    """The account's own people do, by their identity policies; tenants and the provisioning role never."""
    document = platform_key(PLATFORM)
    for sid in ("AccountAdministers", "AuditorsRead"):
        assert statement(document, sid).conditions["ArnNotLike"] == {
            "aws:PrincipalArn": "arn:aws:iam::123456789012:role/bulkhead/dev/*"
        }
    assert administrators(document) == {ROOT}


def test_the_trail_encrypts_for_itself_only() -> None:
    """CloudTrail uses the platform's key for the platform's trail."""
    for sid in ("TrailEncrypts", "TrailChecksTheKey"):
        equals = statement(platform_key(PLATFORM), sid).conditions["StringEquals"]
        assert equals == {"aws:SourceArn": naming.trail_arn(PLATFORM)}
