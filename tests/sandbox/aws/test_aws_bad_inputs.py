"""Bad inputs are refused at preview, with the resource and the property named, and nothing is sent to AWS."""

from __future__ import annotations

from typing import Any

import grpc
import pulumi
import pytest
from aws_contract import Engine
from provider_client import Provider
from pulumi import automation as auto

from infra.sandbox.aws.wire import UNKNOWN

KEY = "aws:kms/key:Key"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCK = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"

BAD: list[tuple[str, str, dict[str, Any], str]] = [
    ("missing", "aws:kms/alias:Alias", {"name": "alias/x"}, "targetKeyId: missing required property"),
    (
        "missing-nested",
        ENCRYPTION,
        {"bucket": "b-1", "rules": [{"applyServerSideEncryptionByDefault": {}}]},
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm: missing required property",
    ),
    ("unknown", KEY, {"descripton": "x"}, "descripton: unknown property; did you mean 'description'?"),
    (
        "unknown-nested",
        LIFECYCLE,
        {"bucket": "b-1", "rules": [{"id": "a", "status": "Enabled", "expire": {}}]},
        "rules[0].expire: unknown property",
    ),
    ("deprecated", BUCKET, {"acl": "private"}, "acl: deprecated"),
    ("unsupported", ROLE, {"assumeRolePolicy": "{}", "namePrefix": "x"}, "namePrefix: the offline provider does not"),
    ("type", KEY, {"deletionWindowInDays": "seven"}, "deletionWindowInDays: expected integer; got string"),
    ("type-list", LIFECYCLE, {"bucket": "b-1", "rules": {}}, "rules: expected list; got object"),
    ("enum", KEY, {"keyUsage": "ENCRYPT"}, "keyUsage: expected one of SIGN_VERIFY"),
    (
        "enum-nested",
        ENCRYPTION,
        {"bucket": "b-1", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES"}}]},
        "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm: expected one of AES256",
    ),
    (
        "range",
        ROLE,
        {"assumeRolePolicy": "{}", "maxSessionDuration": 60},
        "maxSessionDuration: expected 3600 to 43200; got 60",
    ),
    ("length", ROLE, {"assumeRolePolicy": "{}", "name": "n" * 65}, "name: expected 1 to 64 characters; got 65"),
    ("pattern", ROLE, {"assumeRolePolicy": "{}", "name": "a b"}, "name: 'a b' does not match the pattern"),
    ("json", ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy: contains an invalid JSON document"),
    ("json-text", KEY, {"policy": {"Statement": []}}, "policy: expected a JSON document as a string; got object"),
    (
        "retention",
        "aws:cloudwatch/logGroup:LogGroup",
        {"retentionInDays": 8},
        "retentionInDays: expected one of 0, 1, 3, 5, 7",
    ),
    ("rule", KEY, {"deletionWindowInDays": 31}, "deletionWindowInDays: expected 7 to 30 days; got 31"),
    ("conflict", KEY, {"enableKeyRotation": False, "rotationPeriodInDays": 90}, "rotationPeriodInDays: conflicts with"),
    (
        "exactly-one",
        LOCK,
        {"bucket": "b-1", "rule": {"defaultRetention": {"mode": "GOVERNANCE", "days": 1, "years": 1}}},
        "rule.defaultRetention: needs exactly one of days and years",
    ),
    ("bucket-name", BUCKET, {"bucket": "Upper"}, "bucket: must be 3 to 63 characters of lower-case"),
    ("alias-name", "aws:kms/alias:Alias", {"name": "x", "targetKeyId": "k"}, "name: must begin with 'alias/'"),
    (
        "duplicate-rule",
        LIFECYCLE,
        {"bucket": "b-1", "rules": [{"id": "a", "status": "Enabled", "expiration": {"days": 1}}] * 2},
        "rules[1].id: 'a' is the id of an earlier rule",
    ),
]


@pytest.mark.parametrize(("name", "token", "inputs", "expected"), BAD, ids=[bad[0] for bad in BAD])
def test_is_refused(provider: Provider, name: str, token: str, inputs: dict[str, Any], expected: str) -> None:
    """The failure names the property and what is expected."""
    _, failures = provider.check(token, name, inputs)
    assert expected in failures


GOOD: list[tuple[str, dict[str, Any]]] = [
    (KEY, {"description": "x", "deletionWindowInDays": 30, "enableKeyRotation": True, "rotationPeriodInDays": 90}),
    (BUCKET, {"bucket": "lower-case.and-dots"}),
    (ROLE, {"assumeRolePolicy": {"Statement": []}, "name": "n" * 64, "maxSessionDuration": 43200}),
    (ROLE, {"assumeRolePolicy": UNKNOWN, "name": UNKNOWN, "maxSessionDuration": UNKNOWN, "tags": UNKNOWN}),
    (LIFECYCLE, {"bucket": UNKNOWN, "rules": UNKNOWN}),
    (LIFECYCLE, {"bucket": "b-1", "rules": [UNKNOWN]}),
    (LOCK, {"bucket": "b-1", "rule": UNKNOWN}),
    (LOCK, {"bucket": "b-1", "rule": {"defaultRetention": UNKNOWN}}),
    ("aws:kms/alias:Alias", {"name": UNKNOWN, "targetKeyId": UNKNOWN}),
]


@pytest.mark.parametrize(("token", "inputs"), GOOD)
def test_good_inputs_pass(provider: Provider, token: str, inputs: dict[str, Any]) -> None:
    """The control: what is right, or not known yet, is not refused."""
    assert provider.check(token, "good", inputs)[1] == ""


def test_engine_stops_at_preview(engine: Engine) -> None:
    """Through the real engine the message names the resource as well, without a traceback."""

    def program() -> None:
        pulumi.CustomResource(KEY, "wrong", {"keyUsage": "ENCRYPT"})

    with pytest.raises(auto.CommandError) as caught:
        engine.stack("bad", program).preview()
    text = str(caught.value)
    assert f"{KEY} resource 'wrong' has a problem: keyUsage: expected one of SIGN_VERIFY" in text
    assert "Traceback" not in text


def test_an_unknown_type_is_an_error(provider: Provider) -> None:
    """A type without an entry names the nearest one that has."""
    with pytest.raises(grpc.RpcError) as caught:
        provider.check("aws:s3/bucketAcl:BucketAcl", "acl", {"bucket": "b-1"})
    assert "no resource type aws:s3/bucketAcl:BucketAcl; did you mean" in str(caught.value)
