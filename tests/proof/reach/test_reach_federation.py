"""One identity of a provider that two owners' roles accept; each beside trusts that tell the owners apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.proof.facts import PrincipalKind
from tests.proof.reach.chains import kinds, names, reached, states
from tests.proof.world.estates import ACCOUNT, Statement, allow, role, trusts, world

GITHUB = "token.actions.githubusercontent.com"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"
AUDIENCE = {f"{GITHUB}:aud": "sts.amazonaws.com"}


def oidc(sub: str | None, operator: str = "StringEquals", more: Mapping[str, Any] | None = None) -> Statement:
    conditions: dict[str, Any] = {"StringEquals": dict(AUDIENCE)}
    if sub is not None:
        conditions[operator] = {**conditions.get(operator, {}), f"{GITHUB}:sub": sub}
    conditions.update(more or {})
    return trusts(Federated=OIDC, action="sts:AssumeRoleWithWebIdentity", conditions=conditions)


def saml(group: str | None) -> Statement:
    conditions: dict[str, Any] = {"StringEquals": {"saml:aud": "https://signin.aws.amazon.com/saml"}}
    if group is not None:
        conditions["ForAnyValue:StringEquals"] = {"saml:edupersonentitlement": group}
    return trusts(Federated=SAML, action="sts:AssumeRoleWithSAML", conditions=conditions)


def _from_a(a: Statement, b: Statement) -> set[str]:
    return names(reached(world(role("a", "a", trust=[a]), role("b", "b", trust=[b]))))


OWN = "repo:org/a:environment:prod"


@pytest.mark.parametrize(
    ("broken", "sound"),
    [
        (oidc("repo:org/*", "StringLike"), oidc("repo:org/b:*", "StringLike")),
        (oidc(None), oidc("repo:org/b:environment:prod")),
        (oidc("repo:org/*:environment:prod", "StringLike"), oidc("repo:org/*:environment:dev", "StringLike")),
        (oidc(OWN), oidc(OWN.upper())),
    ],
)
def test_a_trust_that_accepts_another_tenants_pipeline(broken: Statement, sound: Statement) -> None:
    assert _from_a(oidc(OWN), broken) == {"a", "b"}
    assert _from_a(oidc(OWN), sound) == {"a"}


def test_the_step_has_the_claims_that_both_accept() -> None:
    estate = world(role("a", "a", trust=[oidc(OWN)]), role("b", "b", trust=[oidc("repo:org/*", "StringLike")]))
    found = reached(estate)
    (step,) = found.chain(states(found, "b")[0])
    assert kinds(found, "b") == ["web-identity"]
    assert (step.principal, step.action) == (OIDC, "sts:AssumeRoleWithWebIdentity")
    assert step.context[f"{GITHUB}:sub"] == OWN


def test_what_differs_from_request_to_request_tells_nobody_apart() -> None:
    named = {"StringLike": {"sts:RoleSessionName": "a-*"}}
    other = {"StringLike": {"sts:RoleSessionName": "b-*"}}
    assert _from_a(oidc(OWN, more=named), oidc(OWN, more=other)) == {"a", "b"}


def test_an_identity_of_another_provider_is_another() -> None:
    assert _from_a(oidc(OWN), saml(None)) == {"a"}


def test_a_group_of_both_tenants_is_one_identity_and_membership_in_two_is_not() -> None:
    assert _from_a(saml("ml"), saml("ml")) == {"a", "b"}
    assert _from_a(saml("ml-a"), saml(None)) == {"a", "b"}
    assert _from_a(saml("ml-a"), saml("ml-b")) == {"a"}


def test_only_who_starts_there_is_whom_the_trust_accepts() -> None:
    estate = world(
        role("a", "a"),
        role("p", "platform", trust=[trusts(AWS=f"arn:aws:iam::{ACCOUNT}:role/a"), oidc(OWN)]),
        role("b", "b", trust=[oidc(OWN)]),
    )
    assert names(reached(estate)) == {"a", "p"}
    assert names(reached(estate, "b")) == {"b", "p"}


@pytest.mark.parametrize(("on", "expected"), [("*", {"a", "b"}), (f"{SAML}-of-others", {"a"})])
def test_whoever_writes_a_providers_metadata_signs_for_everybody(on: str, expected: set[str]) -> None:
    forger = role("a", "a", allow("iam:UpdateSAMLProvider", on=on))
    assert names(reached(world(forger, role("b", "b", trust=[saml("ml-b")])))) == expected


def test_a_user_with_a_federation_token_chooses_its_tags() -> None:
    both = allow("sts:GetFederationToken", "sts:TagSession")
    (_, tagged) = reached(world(role("u", "a", both, kind=PrincipalKind.USER))).actors
    assert tagged.choosable_tags == ("*",)
    assert len(reached(world(role("u", "a", allow("sts:TagSession"), kind=PrincipalKind.USER))).actors) == 1
