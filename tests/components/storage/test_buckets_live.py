"""The buckets of a tenant, made by the real engine in the embedded cloud and used by boto3."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, get_args

import pytest

from infra import naming
from infra.engine import Operation
from infra.engine.errors import ProtectedResource
from infra.naming import PlatformRoleKind, TenantBucketKind
from infra.policies.audit import access_logs_bucket
from infra.policies.bucket import tenant_bucket
from infra.sandbox.account import ensure_roles
from tests.components.live import Live, live
from tests.components.storage.program import ACME, ENDPOINT, KEPT, PLATFORM, PROVISIONING

pytestmark = pytest.mark.xdist_group("live-storage")

BUCKETS = {kind: naming.bucket(PLATFORM, ACME, kind) for kind in get_args(TenantBucketKind)}
LOGS = naming.platform_bucket(PLATFORM, "access-logs")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    with live(tmp_path_factory.mktemp("storage"), engine_command, "tests.components.storage.program:build") as stack:
        # The platform's stack makes them, and policies of the tenant's roles, key and buckets name them.
        platform_roles = [naming.platform_role_arn(PLATFORM, kind) for kind in get_args(PlatformRoleKind)]
        iam = stack.client("iam")
        ensure_roles(iam, platform_roles)
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_role_policy(
            RoleName=PROVISIONING.rpartition("/")[2], PolicyName="everything", PolicyDocument=json.dumps(everything)
        )
        stack.run(Operation.UP)
        yield stack


@pytest.fixture(scope="module")
def s3(storage: Live) -> Any:
    """As the role that provisions tenants: their buckets let nobody else in who is not of the tenant."""
    return storage.client_as("s3", PROVISIONING)


@pytest.fixture(scope="module")
def key_arn(storage: Live) -> str:
    kms = storage.client("kms")
    return kms.describe_key(KeyId=naming.key_alias(PLATFORM, ACME))["KeyMetadata"]["Arn"]


def test_a_second_preview_finds_nothing_to_do(storage: Live) -> None:
    """What was made reads back as it was asked for."""
    assert storage.run(Operation.PREVIEW).changes == ()


@pytest.mark.parametrize("bucket", [*BUCKETS.values(), LOGS])
def test_every_bucket_is_private(storage: Live, s3: Any, bucket: str) -> None:
    """No bucket can be public, have ACLs of others, or lose versions; each aborts uploads that nobody ended."""
    s3 = storage.client("s3") if bucket == LOGS else s3
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership["ObjectOwnership"] == "BucketOwnerEnforced"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7


@pytest.mark.parametrize("kind", BUCKETS)
def test_a_tenants_bucket_is_under_its_own_key_and_policy(s3: Any, key_arn: str, kind: TenantBucketKind) -> None:
    """The default encryption is the tenant's key with a bucket key, the policy is ours, the access is logged."""
    bucket = BUCKETS[kind]
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    wanted = tenant_bucket(PLATFORM, ACME, kind, key_arn=key_arn, s3_endpoint_ids=[ENDPOINT])
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == wanted.to_json()
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == {
        "TargetBucket": LOGS,
        "TargetPrefix": f"{bucket}/",
    }


def test_the_access_logs_are_under_the_keys_of_s3(storage: Live) -> None:
    """S3 delivers no access log into a bucket under a KMS key."""
    s3 = storage.client("s3")
    (rule,) = s3.get_bucket_encryption(Bucket=LOGS)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert json.loads(s3.get_bucket_policy(Bucket=LOGS)["Policy"]) == access_logs_bucket(PLATFORM).to_json()


def test_captured_requests_expire_and_data_does_not(s3: Any) -> None:
    """Retention of the spec: captures expire, versions go, what is current of data and models stays."""
    rules = {kind: s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0] for kind, name in BUCKETS.items()}
    assert rules["capture"]["Expiration"]["Days"] == ACME.retention.capture_days
    for kind in ("data", "models"):
        assert "Expiration" not in rules[kind]
        assert rules[kind]["NoncurrentVersionExpiration"]["NoncurrentDays"] == ACME.retention.noncurrent_versions_days


def test_a_destroy_empties_what_the_spec_lets_go_and_leaves_what_is_kept_closed(storage: Live, s3: Any) -> None:
    """Buckets with versions go, versions and all. One that is kept stays, with its policy and every other setting."""
    ci = storage.client_as("s3", naming.role_arn(PLATFORM, ACME, "deploy"))
    for body in (b"one", b"two"):
        ci.put_object(Bucket=BUCKETS["models"], Key="tumour/1/model.tar.gz", Body=body)
    ci.delete_object(Bucket=BUCKETS["models"], Key="tumour/1/model.tar.gz")

    refused = storage.engine.run(storage.ref, Operation.DESTROY)

    assert (refused.outcome, type(refused.error)) == ("failed", ProtectedResource)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == [KEPT]
    assert s3.get_public_access_block(Bucket=KEPT)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"]
    assert s3.get_bucket_versioning(Bucket=KEPT)["Status"] == "Enabled"
    assert "EncryptedTransportOnly" in s3.get_bucket_policy(Bucket=KEPT)["Policy"]
    aliases = {alias["AliasName"] for alias in storage.client("kms").list_aliases()["Aliases"]}
    assert naming.key_alias(PLATFORM, ACME) not in aliases

    storage.engine.unprotect(storage.ref)
    storage.run(Operation.DESTROY)
    assert s3.list_buckets()["Buckets"] == []
