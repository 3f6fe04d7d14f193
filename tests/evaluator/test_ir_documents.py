"""Documents become the intermediate representation once, as they were written; what AWS refuses is refused."""

from __future__ import annotations

import json

import pytest

from infra.evaluator.compiling import MalformedPolicy, compile_policy
from infra.evaluator.document import Condition, PrincipalName, Statement
from infra.evaluator.kinds import Effect, PolicyKind

IDENTITY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "S3:List*"],
            "NotResource": "arn:aws:s3:::Globex/*",
            "Condition": {
                "StringEqualsIfExists": {"aws:PrincipalTag/Team": "a", "s3:prefix": ["b", "c"]},
                "Bool": {"aws:SecureTransport": True},
            },
        },
        {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"},
    ],
}


def test_every_element_is_in_the_representation() -> None:
    policy = compile_policy(IDENTITY, PolicyKind.IDENTITY, label="managed")
    assert policy.label == "managed"
    assert policy.kind is PolicyKind.IDENTITY
    assert policy.has_variables
    assert policy.statements == (
        Statement(
            index=0,
            sid="Read",
            effect=Effect.ALLOW,
            actions=("s3:getobject", "s3:list*"),
            not_resources=("arn:aws:s3:::Globex/*",),
            conditions=(
                Condition("StringEqualsIfExists", "aws:principaltag/team", ("a",)),
                Condition("StringEqualsIfExists", "s3:prefix", ("b", "c")),
                Condition("Bool", "aws:securetransport", ("true",)),
            ),
        ),
        Statement(index=1, sid=None, effect=Effect.DENY, not_actions=("iam:*",), resources=("*",)),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*", (PrincipalName("AWS", "*"),)),
        ({"AWS": "111122223333"}, (PrincipalName("AWS", "111122223333"),)),
        (
            {"Service": ["a.amazonaws.com", "b.amazonaws.com"], "Federated": "www.amazon.com"},
            (
                PrincipalName("Service", "a.amazonaws.com"),
                PrincipalName("Service", "b.amazonaws.com"),
                PrincipalName("Federated", "www.amazon.com"),
            ),
        ),
    ],
)
def test_principals_are_a_list_of_names(written: object, read: tuple[PrincipalName, ...]) -> None:
    statement = {"Effect": "Allow", "Principal": written, "Action": "sts:AssumeRole"}
    policy = compile_policy({"Version": "2012-10-17", "Statement": statement}, PolicyKind.TRUST)
    assert policy.statements[0].principals == read
    assert policy.statements[0].resources is None


def test_a_document_without_a_version_is_of_the_old_one() -> None:
    policy = compile_policy({"Statement": IDENTITY["Statement"]}, PolicyKind.IDENTITY)
    assert policy.version == "2008-10-17"
    assert not policy.has_variables


def test_a_document_is_compiled_once() -> None:
    text = json.dumps(IDENTITY)
    first = compile_policy(text, PolicyKind.IDENTITY, label="one")
    assert compile_policy(text, PolicyKind.IDENTITY, label="one") is first
    other = compile_policy(text, PolicyKind.IDENTITY, label="two")
    assert other.label == "two"
    assert other.statements is first.statements
    assert compile_policy(IDENTITY, PolicyKind.IDENTITY) is compile_policy(dict(IDENTITY), PolicyKind.IDENTITY)


def test_the_kind_is_part_of_what_a_document_is() -> None:
    assert compile_policy(IDENTITY, PolicyKind.BOUNDARY).kind is PolicyKind.BOUNDARY
    assert compile_policy(IDENTITY, PolicyKind.SESSION).kind is PolicyKind.SESSION


@pytest.mark.parametrize("document", ["no JSON", '{"Version": "2012-10-17"}', {"Statement": [{"Effect": "Alow"}]}])
def test_what_aws_refuses_is_refused_with_place_and_reason(document: str | dict[str, object]) -> None:
    with pytest.raises(MalformedPolicy) as refused:
        compile_policy(document, PolicyKind.IDENTITY, label="inline")
    assert refused.value.where == "inline"
    assert refused.value.reasons
    assert all(reason.source for reason in refused.value.reasons)


def test_a_refused_document_is_refused_again_under_its_own_label() -> None:
    for label in ("one", "two", "one"):
        with pytest.raises(MalformedPolicy) as refused:
            compile_policy('{"Statement": []}', PolicyKind.IDENTITY, label=label)
        assert refused.value.where == label
