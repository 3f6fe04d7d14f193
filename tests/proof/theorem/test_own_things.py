"""What a tenant has is encrypted with its key, refuses requests without TLS, and does what its specification says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.proof.facts import Record
from infra.proof.report import Claim, Finding, Verdict
from infra.proof.theorem.inputs import Control
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import Stack, estate
from tests.proof.theorem.estates import ACCOUNT, estate_of, records, with_policy, with_properties

_PREFIX = f"arn:aws:iam::{ACCOUNT}:role/bulkhead/dev/acme/bh-dev-acme-"
_DATA = "arn:aws:s3:::bh-dev-acme-data-51faef04"


def _found(those: tuple[Record, ...], claim: Claim) -> tuple[Finding, ...]:
    return prove(estate_of(those), only={claim}).findings


def _without(*sids: str) -> Any:
    def changed(document: dict[str, Any]) -> None:
        assert set(sids) <= {one.get("Sid") for one in document["Statement"]}
        document["Statement"] = [one for one in document["Statement"] if one.get("Sid") not in sids]

    return changed


@pytest.mark.parametrize(
    ("which", "token", "to"),
    [
        ("acme buckets-data", "aws:s3/bucketPolicy:BucketPolicy", "acme"),
        ("acme alerts", "aws:sns/topicPolicy:TopicPolicy", "acme"),
        ("platform audit-trail-bucket", "aws:s3/bucketPolicy:BucketPolicy", "platform"),
    ],
)
def test_what_answers_without_tls_is_found(which: str, token: str, to: str) -> None:
    broken = with_policy(which, "policy", _without("EncryptedTransportOnly"), token=token)
    found = _found(broken, Claim.TRANSPORT)
    assert found
    assert {(one.to, one.verdict) for one in found} == {(to, Verdict.LEAK)}
    assert all(one.context["aws:SecureTransport"] is False for one in found)


def test_tls_for_some_actions_or_for_others_only_is_not_enough() -> None:
    def narrowed(document: dict[str, Any]) -> None:
        (one,) = (each for each in document["Statement"] if each.get("Sid") == "EncryptedTransportOnly")
        one["Action"] = ["s3:GetObject", "s3:PutObject"]

    def spared(document: dict[str, Any]) -> None:
        (one,) = (each for each in document["Statement"] if each.get("Sid") == "EncryptedTransportOnly")
        one["Condition"]["ArnNotEquals"] = {"aws:PrincipalArn": f"{_PREFIX}training"}

    token = "aws:s3/bucketPolicy:BucketPolicy"
    (first,) = _found(with_policy("acme buckets-data", "policy", narrowed, token=token), Claim.TRANSPORT)
    assert first.action not in {"s3:GetObject", "s3:PutObject"}
    (second,) = _found(with_policy("acme buckets-data", "policy", spared, token=token), Claim.TRANSPORT)
    assert second.principal == f"{_PREFIX}training"


def test_everything_of_ours_refuses_requests_without_tls() -> None:
    assert _found(records(), Claim.TRANSPORT) == ()


def _key(which: str) -> str:
    return next(
        str(one.properties["arn"])
        for one in records()
        if one.source.urn.startswith(f"urn:pulumi:{which}::") and one.type == "aws:kms/key:Key"
    )


def _encrypted(rules: list[dict[str, Any]]) -> tuple[Record, ...]:
    def changed(properties: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**properties, "rules": rules}

    return with_properties("acme buckets-data", changed, token="ServerSideEncryptionConfiguration")


def test_everything_of_ours_is_encrypted_with_its_owners_key() -> None:
    assert _found(records(), Claim.ENCRYPTION) == ()


@pytest.mark.parametrize(
    ("default", "verdict", "says"),
    [
        ({"sseAlgorithm": "AES256"}, Verdict.LEAK, "not encrypted with a key of its owner"),
        ({"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/aws/s3"}, Verdict.LEAK, "not encrypted with a key of"),
        ({"sseAlgorithm": "aws:kms", "kmsMasterKeyId": _key("globex")}, Verdict.LEAK, "of globex"),
        ({"sseAlgorithm": "aws:kms", "kmsMasterKeyId": _key("platform")}, Verdict.LEAK, "of platform"),
        (
            {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/elsewhere"},
            Verdict.UNKNOWN,
            "no input holds the key",
        ),
    ],
)
def test_a_bucket_without_a_key_of_its_owner_is_found(default: dict[str, str], verdict: Verdict, says: str) -> None:
    (found,) = _found(_encrypted([{"applyServerSideEncryptionByDefault": default}]), Claim.ENCRYPTION)
    assert (found.resource, found.to, found.verdict) == (_DATA, "acme", verdict)
    assert says in found.reason


def test_other_types_are_found_too() -> None:
    stack = Stack()
    stack.add("aws:sqs/queue:Queue", "q", {"arn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q", "name": "q"})
    stack.add("aws:ec2/vpc:Vpc", "v", {"arn": f"arn:aws:ec2:eu-central-1:{ACCOUNT}:vpc/vpc-1"})
    (found,) = prove(estate(stack), only={Claim.ENCRYPTION}).findings
    assert found.resource == f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q"


def _control(role: str, action: str, resource: str, **more: Any) -> Control:
    return Control(owner="acme", principal_arn=f"{_PREFIX}{role}", action=action, resource=resource, **more)


def _failing(*controls: Control) -> list[tuple[str | None, str | None]]:
    report = prove(estate_of(records()), controls=controls, only={Claim.CONTROL})
    assert {one.verdict for one in report.findings} <= {Verdict.UNKNOWN}
    assert report.verdict is (Verdict.UNKNOWN if report.findings else Verdict.PROVED)
    return [(one.principal, one.action) for one in report.findings]


def test_what_a_tenant_can_do_passes() -> None:
    assert (
        _failing(
            _control("training", "s3:GetObject", f"{_DATA}/rows.csv"),
            _control("training", "kms:Decrypt", _key("acme")),
            _control("training", "ecr:GetAuthorizationToken", "*"),
            _control("training", "s3:ListBucket", _DATA, context={"aws:SecureTransport": True}),
            _control(
                "training",
                "logs:PutLogEvents",
                f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/aws/sagemaker/TrainingJobs:log-stream:bh-dev-acme-x/1",
            ),
        )
        == []
    )


def test_what_it_cannot_is_told() -> None:
    refused = [
        _control("training", "s3:GetObject", "arn:aws:s3:::bh-dev-globex-data-51faef04/rows.csv"),
        _control("training", "s3:GetObject", f"{_DATA}/rows.csv", context={"aws:SecureTransport": False}),
        _control("serving", "kms:Encrypt", _key("acme")),
        _control("training", "iam:ListRoles", "*"),
    ]
    assert _failing(*refused) == [(one.principal_arn, one.action) for one in refused]


def test_a_control_of_a_principal_that_nothing_holds_is_told() -> None:
    assert _failing(_control("nobody", "s3:GetObject", f"{_DATA}/rows.csv")) == [(f"{_PREFIX}nobody", "s3:GetObject")]
