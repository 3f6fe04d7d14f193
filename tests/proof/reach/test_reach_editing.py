"""Edits of policies, boundaries, trusts and credentials; each beside a variant that gains nothing."""

from __future__ import annotations

import pytest

from infra.proof.facts import PrincipalKind
from infra.proof.symbolic import Sat
from infra.proof.world import Actor, Identity, candidates, questions
from infra.proof.world.questions import ask
from tests.proof.reach.chains import kinds, names, reached, states
from tests.proof.world.estates import ACCOUNT, Statement, allow, role, role_arn, thing, trusts, world

POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"
DENY: Statement = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


def _edited(*statements: Statement, boundary: list[Statement] | None = None) -> list[Actor]:
    return states(reached(world(role("a", "a", *statements, boundary=boundary, managed=POLICY), _POLICY)), "a")


_POLICY = thing(POLICY, "a")


@pytest.mark.parametrize("action", ["iam:PutRolePolicy", "iam:AttachRolePolicy"])
def test_whoever_edits_its_own_policies_has_all_rights(action: str) -> None:
    assert any(one.identity is Identity.EVERYTHING for one in _edited(allow(action)))
    others = _edited(allow(action, on=role_arn("other")))
    assert [one.identity for one in others] == [Identity.DEPLOYED]


@pytest.mark.parametrize("action", ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"])
def test_a_new_version_of_an_attached_policy_is_an_edit(action: str) -> None:
    assert any(one.identity is Identity.EVERYTHING for one in _edited(allow(action)))
    assert len(_edited(allow(action, on=f"{POLICY}2"))) == 1


def test_the_boundary_still_bounds_what_is_edited() -> None:
    only = [allow("iam:PutRolePolicy", "s3:GetObject")]
    estate = world(
        role("a", "a", allow("iam:PutRolePolicy"), boundary=only),
        thing("arn:aws:s3:::b", "b"),
        thing(f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q", "b"),
    )
    edited = next(one for one in reached(estate).actors if one.identity is Identity.EVERYTHING)
    allowed = {
        one.arn.split(":")[2]
        for one in candidates(estate, edited)
        for question in questions(estate, edited, one)
        if isinstance(ask(estate, question), Sat) and one.owner == "b"
    }
    assert edited.bounded
    assert allowed == {"s3"}


def test_taking_a_denying_policy_away_is_an_edit() -> None:
    assert {one.identity for one in _edited(allow("iam:DetachRolePolicy"), DENY)} == {
        Identity.DEPLOYED,
        Identity.WITHOUT_DENIES,
    }
    assert len(_edited(allow("iam:ListRolePolicies"), DENY)) == 1


@pytest.mark.parametrize("action", ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"])
def test_a_boundary_can_be_taken_away(action: str) -> None:
    bounds = [allow(action)]
    assert any(not one.bounded for one in _edited(allow(action), boundary=bounds))
    assert all(one.bounded for one in _edited(allow("iam:GetRole"), boundary=[allow("iam:*")]))
    assert all(one.bounded for one in _edited(allow(action), boundary=[allow("iam:GetRole")]))


def test_putting_the_same_boundary_again_gains_nothing() -> None:
    same = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/a-boundary"}}
    other = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/weaker"}}
    action, every = "iam:PutRolePermissionsBoundary", [allow("iam:*")]
    assert all(one.bounded for one in _edited(allow(action, Condition=same), boundary=every))
    assert any(not one.bounded for one in _edited(allow(action, Condition=other), boundary=every))


def test_the_document_of_a_boundary_can_be_edited() -> None:
    bounds = thing(f"arn:aws:iam::{ACCOUNT}:policy/a-boundary", "a")
    edit = allow("iam:CreatePolicyVersion", on=bounds.arn)
    found = reached(world(role("a", "a", edit, boundary=[edit]), bounds))
    assert any(not one.bounded for one in found.actors)
    found = reached(world(role("a", "a", edit, boundary=[allow("s3:*")]), bounds))
    assert all(one.bounded for one in found.actors)


def test_a_policy_that_requires_the_boundary_is_met_where_it_is_attached() -> None:
    required = {"StringEquals": {"iam:PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/a-boundary"}}
    put = allow("iam:PutRolePolicy", Condition=required)
    assert any(one.identity is Identity.EVERYTHING for one in _edited(put, boundary=[allow("iam:*")]))
    assert all(one.identity is Identity.DEPLOYED for one in _edited(put))


def test_editing_somebody_else_helps_only_who_becomes_it() -> None:
    put = allow("iam:PutRolePolicy", on=role_arn("b"))
    alone = reached(world(role("a", "a", put), role("b", "b")))
    assert names(alone) == {"a"}
    trusted = reached(world(role("a", "a", put), role("b", "b", trust=[trusts(AWS=role_arn("a"))])))
    after = next(one for one in states(trusted, "b") if one.identity is Identity.EVERYTHING)
    assert [step.kind for step in trusted.chain(after)] == ["assume-role", "edit-policy"]


def test_two_edit_each_other() -> None:
    both = [
        role("a", "a", allow("iam:PutRolePolicy", on=role_arn("b"))),
        role("b", "a", allow("iam:PutRolePolicy", on=role_arn("a"))),
    ]
    found = reached(world(*both))
    assert {(one.arn, one.identity) for one in found.actors} >= {
        (role_arn(name), identity) for name in "ab" for identity in (Identity.DEPLOYED, Identity.EVERYTHING)
    }


def test_whoever_writes_a_trust_becomes_the_role_with_any_tags() -> None:
    found = reached(world(role("a", "a", allow("iam:UpdateAssumeRolePolicy")), role("b", "b", tags={"tenant": "b"})))
    assert kinds(found, "b") == ["edit-trust"]
    assert states(found, "b")[0].choosable_tags == ("*",)
    other = allow("iam:UpdateAssumeRolePolicy", on=role_arn("c"))
    assert names(reached(world(role("a", "a", other), role("b", "b")))) == {"a"}


@pytest.mark.parametrize("action", ["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"])
def test_whoever_makes_credentials_of_a_user_becomes_it(action: str) -> None:
    user = role("u", "b", allow("s3:*"), kind=PrincipalKind.USER)
    assert names(reached(world(role("a", "a", allow(action)), user))) == {"a", "u"}
    assert names(reached(world(role("a", "a", allow("iam:GetUser")), user))) == {"a"}


def test_the_policies_of_a_group_are_those_of_users() -> None:
    user = role("u", "a", allow("iam:PutGroupPolicy"), kind=PrincipalKind.USER)
    group = thing(f"arn:aws:iam::{ACCOUNT}:group/g", "a")
    assert any(one.identity is Identity.EVERYTHING for one in reached(world(user, group)).actors)
    reader = role("u", "a", allow("iam:GetGroup"), kind=PrincipalKind.USER)
    assert len(reached(world(reader, group)).actors) == 1


MAKES = ("iam:CreateRole", "iam:PutRolePolicy")
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"


def _made(*statements: Statement) -> list[Actor]:
    """Whom a makes anew in its first step."""
    found = reached(world(role("a", "a", *statements), _POLICY))
    return [one for one in found.actors if one.arn != role_arn("a") and len(found.chain(one)) == 1]


def test_whoever_makes_a_role_and_gives_it_policies_has_all_rights() -> None:
    (made,) = _made(allow(*MAKES, on=f"{ROLES}new-*"))
    assert (made.identity, made.bounded, made.owner) == (Identity.EVERYTHING, False, "a")
    assert made.arn.startswith(f"{ROLES}new-")
    assert _made(allow("iam:CreateRole")) == []
    assert _made(allow("iam:PutRolePolicy", on=f"{ROLES}new-*")) == []


def test_a_boundary_that_is_required_bounds_the_new_role() -> None:
    bounds = f"arn:aws:iam::{ACCOUNT}:policy/b-boundary"
    required = {"StringEquals": {"iam:PermissionsBoundary": bounds}}
    maker = role("a", "a", allow(*MAKES, on=f"{ROLES}new-*", Condition=required))
    found = reached(world(maker, role("b", "b", boundary=[allow("s3:ListBucket")])))
    (made,) = (one for one in found.actors if one.arn not in (role_arn("a"), role_arn("b")))
    assert made.bounded
    assert made.principal is not None
    assert made.principal.boundary is not None
    assert made.principal.boundary.arn == bounds


def test_a_new_user_needs_credentials() -> None:
    on = f"arn:aws:iam::{ACCOUNT}:user/new-*"
    some = ("iam:CreateUser", "iam:AttachUserPolicy")
    assert len(_made(allow(*some, "iam:CreateAccessKey", on=on))) == 1
    assert _made(allow(*some, on=on)) == []
