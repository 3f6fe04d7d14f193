"""The buckets of the records: services write, nobody deletes, no role of the blueprint looks."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from infra import naming
from infra.naming import PlatformBucketKind
from infra.policies import audit
from infra.policies.document import ANYONE, PolicyDocument
from tests.unit.policies.documents import KEY, PLATFORM, allows, changed, statement, values, without

BUCKETS: Mapping[PlatformBucketKind, PolicyDocument] = {
    "audit": audit.audit_bucket(PLATFORM, key_arn=KEY),
    "config": audit.config_bucket(PLATFORM, key_arn=KEY),
    "access-logs": audit.access_logs_bucket(PLATFORM),
}
WRITERS = {
    "audit": "cloudtrail.amazonaws.com",
    "config": "config.amazonaws.com",
    "access-logs": "logging.s3.amazonaws.com",
}
every_bucket = pytest.mark.parametrize("kind", BUCKETS)


def writers(document: PolicyDocument) -> set[str]:
    """Who the policy lets put objects."""
    return {
        name
        for each in allows(document)
        if each.principal and "s3:PutObject" in each.actions
        for name in (*each.principal.service, *each.principal.aws)
    }


@every_bucket
def test_one_service_writes(kind: PlatformBucketKind) -> None:
    """Each bucket has the one writer that it is for, below the prefix that is that service's."""
    assert writers(BUCKETS[kind]) == {WRITERS[kind]}
    sid = next(each.sid for each in allows(BUCKETS[kind]) if "s3:PutObject" in each.actions)
    assert "*" in writers(changed(BUCKETS[kind], sid, principal=ANYONE)), "the check sees an open bucket"


@every_bucket
def test_records_stay(kind: PlatformBucketKind) -> None:
    """Nobody deletes a record or a version of one, whatever their own policies say."""
    stays = statement(BUCKETS[kind], "RecordsStay")
    assert (stays.effect, stays.principal, stays.conditions) == ("Deny", ANYONE, {})
    assert set(stays.actions) == {"s3:DeleteObject", "s3:DeleteObjectVersion"}


@every_bucket
def test_no_role_of_the_blueprint_gets_at_the_records(kind: PlatformBucketKind) -> None:
    """Neither a tenant's nor the provisioning role; Config's delivers and looks at settings."""
    deny = statement(BUCKETS[kind], "NoRoleOfTheBlueprint")
    assert (deny.effect, deny.principal, deny.actions) == ("Deny", ANYONE, ("s3:*",))
    assert deny.conditions == {
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/bulkhead/dev/*"},
        "ArnNotEquals": {"aws:PrincipalArn": naming.platform_role_arn(PLATFORM, "config")},
    }


@every_bucket
def test_records_travel_encrypted(kind: PlatformBucketKind) -> None:
    """TLS 1.2 for everybody and everything."""
    bucket = naming.bucket_arn(naming.platform_bucket(PLATFORM, kind))
    for sid in ("EncryptedTransportOnly", "Tls12OrNewer"):
        deny = statement(BUCKETS[kind], sid)
        assert (deny.effect, deny.actions, set(deny.resources)) == ("Deny", ("s3:*",), {bucket, f"{bucket}/*"})
    assert without(BUCKETS[kind], "Tls12OrNewer") != BUCKETS[kind]


def test_the_trail_is_bound_to_itself() -> None:
    """CloudTrail writes for this trail and gives the objects to the account."""
    assert statement(BUCKETS["audit"], "TrailWrites").conditions == {
        "StringEquals": {
            "aws:SourceArn": naming.trail_arn(PLATFORM),
            "s3:x-amz-acl": "bucket-owner-full-control",
        }
    }


def test_access_logs_come_from_the_stages_buckets() -> None:
    """A bucket of another stage or account cannot fill the log."""
    conditions = statement(BUCKETS["access-logs"], "LogsOfOurBuckets").conditions
    assert conditions == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::bh-dev-*"},
    }


def test_config_delivers_and_reads_nothing() -> None:
    """The recorder's role writes its own prefix, under the platform's key, and reads no object."""
    document = audit.config_delivery(PLATFORM)
    allowed = {action for each in allows(document) for action in each.actions}
    assert "s3:GetObject" not in allowed
    encrypt = statement(document, "EncryptWithThePlatformKey")
    assert values(encrypt.conditions["StringEquals"], "aws:ResourceTag/tenant") == ("platform",)
    (trust,) = audit.config_trust(PLATFORM).statements
    assert trust.conditions == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
