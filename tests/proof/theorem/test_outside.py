"""Nobody outside gets in: no anonymous, no other account, no service for another account, nobody with any token."""

from __future__ import annotations

from typing import Any

import pytest

from infra.proof.report import Claim, Finding, Verdict
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate, trust

_BUCKET = "arn:aws:s3:::ml-acme"
_GITHUB = "token.actions.githubusercontent.com"
_OTHER = "210987654321"


def _leaks(*stacks: Stack) -> list[Finding]:
    report = prove(estate(*stacks), only={Claim.OUTSIDE})
    assert {one.verdict for one in report.findings} <= {Verdict.LEAK}
    return list(report.findings)


def _bucket(owner: str, principal: Any, **more: Any) -> Stack:
    stack = Stack(owner)
    policy = allow("s3:GetObject", resource=f"{_BUCKET}/*", Principal=principal, **more)
    stack.bucket("ml-acme", policy=policy)
    return stack


@pytest.mark.parametrize("owner", ["acme", "platform"])
def test_a_bucket_for_everybody_is_open_to_the_anonymous_whosever_it_is(owner: str) -> None:
    found = _leaks(_bucket(owner, "*"))
    assert "*" in {one.principal for one in found}
    assert {(one.from_, one.to, one.claim) for one in found} == {("outside", owner, Claim.OUTSIDE)}
    assert _leaks(_bucket(owner, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/acme"})) == []


def test_a_bucket_for_everybody_of_the_account_is_not_open() -> None:
    own = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    assert _leaks(_bucket("acme", "*", Condition=own)) == []
    other = {"StringNotEquals": {"aws:PrincipalAccount": _OTHER}}
    assert {one.principal for one in _leaks(_bucket("acme", "*", Condition=other))} >= {"*"}


def test_another_account_that_a_policy_names_is_outside() -> None:
    found = {one.principal: one for one in _leaks(_bucket("acme", {"AWS": _OTHER}))}
    assert f"arn:aws:iam::{_OTHER}:role/outsider" in found
    assert not any("role/" in (one or "") and _OTHER not in (one or "") for one in found)
    assert [one.layer for one in found[f"arn:aws:iam::{_OTHER}:role/outsider"].statements] == ["identity", "resource"]


def test_a_service_that_acts_for_any_account_is_outside() -> None:
    service = {"Service": "events.amazonaws.com"}
    own = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    (leak,) = _leaks(_bucket("acme", service))
    assert leak.principal == "events.amazonaws.com"
    assert [one.kind for one in leak.chain] == ["run-code"]
    assert _leaks(_bucket("acme", service, Condition=own)) == []


def _deploy(**claims: Any) -> Stack:
    stack = Stack()
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{_GITHUB}"
    conditions = {"StringEquals": {f"{_GITHUB}:aud": "sts.amazonaws.com"}}
    for operator, sub in claims.items():
        conditions.setdefault(operator, {})[f"{_GITHUB}:sub"] = sub
    policy = trust(Federated=provider).replace("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
    stack.role("deploy", assumeRolePolicy=policy[: -len("}]}")] + f', "Condition": {_json(conditions)}}}]}}')
    return stack


def _json(value: object) -> str:
    return str(value).replace("'", '"')


@pytest.mark.parametrize("claims", [{}, {"StringLike": "repo:acme/models:*"}, {"StringLike": "repo:acme/*"}])
def test_a_trust_in_whoever_has_a_token_of_a_public_provider_is_open(claims: dict[str, str]) -> None:
    (leak,) = _leaks(_deploy(**claims))
    assert leak.action == "sts:AssumeRoleWithWebIdentity"
    assert leak.statements[0].layer == "trust"


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike"])
def test_a_trust_in_one_environment_of_one_repository_is_not(operator: str) -> None:
    assert _leaks(_deploy(**{operator: "repo:acme/models:environment:production"})) == []
    assert (
        _leaks(_deploy(**{operator: ["repo:acme/a:environment:production", "repo:acme/b:environment:production"]}))
        == []
    )
