"""Whose policies count for a principal, whichever record holds them."""

from __future__ import annotations

import pytest

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.proof.facts import Document, Estate, Principal, Source, assemble, read_deployment
from infra.proof.report import Verdict
from infra.proof.theorem.prove import prove
from tests.proof.facts.exports import ACCOUNT, Stack, allow, estate

_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"


def _one(found: Estate, name: str) -> Principal:
    (one,) = (each for each in found.principals if each.arn.endswith(f"/{name}"))
    return one


def _texts(principal: Principal) -> list[str | None]:
    return [each.text for each in principal.identity]


def test_inline_policies_of_all_three_forms_count_once_each() -> None:
    stack = Stack()
    own, other = allow("s3:GetObject"), allow("s3:PutObject")
    stack.role("r", inlinePolicies=[{"name": "own", "policy": own}, {"name": "repeated", "policy": other}])
    stack.add("aws:iam/rolePolicy:RolePolicy", "rp", {"role": "r", "policy": other})
    assert sorted(map(str, _texts(_one(estate(stack), "r")))) == sorted([own, other])


@pytest.mark.parametrize(
    ("token", "properties"),
    [
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "r", "policyArn": _POLICY}),
        ("aws:iam/policyAttachment:PolicyAttachment", {"roles": ["r"], "policyArn": _POLICY}),
    ],
)
def test_a_managed_policy_of_another_stack_counts(token: str, properties: dict[str, object]) -> None:
    platform, tenant = Stack("platform"), Stack()
    platform.add("aws:iam/policy:Policy", "p", {"arn": _POLICY, "name": "p", "policy": allow("s3:*")})
    tenant.role("r")
    tenant.add(token, "a", properties)
    (document,) = _one(estate(platform, tenant), "r").identity
    assert document.text == allow("s3:*")
    assert document.arn == _POLICY
    assert document.source.stack == "tenants/platform"


def test_the_policies_of_a_users_groups_are_the_users() -> None:
    stack = Stack()
    arn = f"arn:aws:iam::{ACCOUNT}:"
    stack.add("aws:iam/user:User", "u", {"arn": f"{arn}user/u", "name": "u", "tagsAll": {}})
    stack.add("aws:iam/group:Group", "g", {"arn": f"{arn}group/g", "name": "g"})
    stack.add("aws:iam/groupPolicy:GroupPolicy", "gp", {"group": "g", "policy": allow("s3:*")})
    without = estate(stack)
    assert _texts(_one(without, "u")) == []
    stack.add("aws:iam/userGroupMembership:UserGroupMembership", "m", {"user": "u", "groups": ["g"]})
    assert _texts(_one(estate(stack), "u")) == [allow("s3:*")]


def test_a_policy_that_no_input_holds_is_unknown_until_its_document_is_given() -> None:
    stack = Stack()
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    stack.role("r", managedPolicyArns=[arn])
    records = read_deployment(stack.export())
    lacking = assemble(records)
    (unknown,) = lacking.unknown
    assert arn in unknown.why
    assert _texts(_one(lacking, "r")) == [None]
    given = assemble(records, managed={arn: allow("s3:Get*")})
    assert given.unknown == ()
    assert _texts(_one(given, "r")) == [allow("s3:Get*")]


def test_a_policy_whose_holder_no_input_has_is_unknown() -> None:
    stack = Stack()
    stack.add("aws:iam/rolePolicy:RolePolicy", "rp", {"role": "elsewhere", "policy": allow("s3:*")})
    (unknown,) = estate(stack).unknown
    assert unknown.property == "role"
    assert unknown.source.urn.endswith("::rp")


def test_what_every_role_and_policy_has_is_unknown_where_it_is_not_written_down() -> None:
    stack = Stack()
    stack.role("r", assumeRolePolicy=None)
    stack.add("aws:iam/rolePolicy:RolePolicy", "rp", {"role": "r"})
    found = estate(stack)
    role = _one(found, "r")
    assert role.trust is not None
    assert (role.trust.text, _texts(role)) == (None, [None])
    assert sorted(each.property for each in found.unknown) == ["assumeRolePolicy", "policy"]


def test_roles_of_one_name_in_two_accounts_are_told_apart() -> None:
    one, two = Stack("one"), Stack("two")
    two.resources[0]["outputs"]["allowedAccountIds"] = '["210987654321"]'
    one.role("r")
    two.role("r", arn="arn:aws:iam::210987654321:role/r")
    two.add("aws:iam/rolePolicy:RolePolicy", "rp", {"role": "r", "policy": allow("s3:*")})
    found = {each.account: each.identity for each in estate(one, two).principals}
    assert found[ACCOUNT] == ()
    assert len(found["210987654321"]) == 1


def test_a_role_that_is_only_read_is_incomplete_until_its_stack_is_given() -> None:
    reader, owner = Stack(), Stack("platform")
    reader.role("r")
    reader.resources[-1]["external"] = True
    assert [each.property for each in estate(reader).unknown] == ["external"]
    owner.role("r")
    owner.add("aws:iam/rolePolicy:RolePolicy", "rp", {"role": "r", "policy": allow("s3:*")})
    both = estate(reader, owner)
    assert both.unknown == ()
    (role,) = both.principals
    assert role.owner == "platform"
    assert len(role.identity) == 1


@pytest.mark.parametrize(("account", "taken"), [("aws", True), (ACCOUNT, False)])
def test_a_managed_policy_of_awss_own_may_be_longer_than_a_customers(account: str, taken: bool) -> None:
    document = Document(
        allow(*(f"s3:Get{number:05}" for number in range(1_000))),
        PolicyKind.IDENTITY,
        Source("project/stack", "urn:one"),
        "policyArn",
        arn=f"arn:aws:iam::{account}:policy/one",
    )
    assert isinstance(document.compiled(), Policy) is taken


def test_an_arn_that_no_role_can_have_is_unknown() -> None:
    stack = Stack()
    stack.role("r", arn="arn:aws:iam::123:role/r")
    facts = estate(stack)
    assert [(one.property, "123:role/r" in one.why) for one in facts.unknown] == [("arn", True)]
    assert prove(facts).verdict is Verdict.UNKNOWN
    sound = Stack()
    sound.role("r")
    assert prove(estate(sound)).verdict is Verdict.PROVED
