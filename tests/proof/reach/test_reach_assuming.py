"""Chains of assumed roles: who is reached, with which tags, and by which chain; each beside a variant that is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.evaluator.kinds import PolicyKind
from infra.proof.world import Actor, actors_of
from tests.proof.reach.chains import names, reached, states
from tests.proof.world.estates import (
    ACCOUNT,
    OTHER_ACCOUNT,
    Statement,
    allow,
    document,
    role,
    role_arn,
    trusts,
    world,
)

ASSUME = allow("sts:AssumeRole")


def tag(actor: Actor, name: str) -> object:
    return actor.context.get(f"aws:PrincipalTag/{name}")


def test_a_role_that_trusts_the_account_needs_a_policy_of_the_caller() -> None:
    root = [trusts(AWS=f"arn:aws:iam::{ACCOUNT}:root")]
    found = reached(world(role("a", "a", ASSUME), role("b", "b", trust=root)))
    (step,) = found.chain(states(found, "b")[0])
    assert (step.kind, step.action, step.resource) == ("assume-role", "sts:AssumeRole", role_arn("b"))
    assert {one.layer for one in step.statements} == {"identity", "trust"}
    assert names(reached(world(role("a", "a", allow("s3:*")), role("b", "b", trust=root)))) == {"a"}


def test_a_role_that_names_the_caller_needs_none() -> None:
    named = [trusts(AWS=role_arn("a"))]
    assert names(reached(world(role("a", "a"), role("b", "b", trust=named)))) == {"a", "b"}
    assert names(reached(world(role("c", "a"), role("b", "b", trust=named)))) == {"c"}


def test_across_accounts_both_must_allow() -> None:
    named = [trusts(AWS=role_arn("a", OTHER_ACCOUNT))]
    there = role("a", "a", ASSUME, account=OTHER_ACCOUNT)
    assert names(reached(world(there, role("b", "b", trust=named)))) == {"a", "b"}
    assert names(reached(world(role("a", "a", account=OTHER_ACCOUNT), role("b", "b", trust=named)))) == {"a"}


def test_a_boundary_binds_who_assumes() -> None:
    named = [trusts(AWS=role_arn("a"))]
    only = [allow("s3:*")]
    assert names(reached(world(role("a", "a", ASSUME, boundary=only), role("b", "b", trust=named)))) == {"a"}
    assert names(reached(world(role("a", "a", ASSUME, boundary=[ASSUME]), role("b", "b", trust=named)))) == {"a", "b"}


def test_the_chain_through_the_platform_and_a_third_tenant_is_the_shortest() -> None:
    estate = world(
        role("a", "a"),
        role("p", "platform", trust=[trusts(AWS=role_arn("a"))]),
        role("c", "c", trust=[trusts(AWS=role_arn("p"))]),
        role("d", "d", trust=[trusts(AWS=[role_arn("c"), role_arn("p")])]),
        role("b", "b", trust=[trusts(AWS=role_arn("d"))]),
        role("z", "z", trust=[trusts(AWS=role_arn("nobody"))]),
    )
    found = reached(estate)
    assert names(found) == {"a", "p", "c", "d", "b"}
    assert [step.becomes.rpartition("/")[2] for step in found.chain(states(found, "b")[0])] == ["p", "d", "b"]
    assert found.start(states(found, "b")[0]).arn == role_arn("a")
    assert found.chain(states(found, "a")[0]) == ()


PINNED: dict[str, Any] = {"StringEquals": {"aws:RequestTag/tenant": "b"}}
BOTH = ("sts:AssumeRole", "sts:TagSession")


def _tagged(conditions: dict[str, Any], *more: Statement, tags: dict[str, str] | None = None) -> list[Actor]:
    trust = [trusts(AWS=role_arn("a"), action=BOTH, conditions=conditions), *more]
    return states(reached(world(role("a", "a"), role("b", "b", trust=trust, tags=tags))), "b")


def test_a_pinned_session_tag_is_the_sessions() -> None:
    (found,) = _tagged(PINNED, tags={"stage": "dev", "tenant": "x"})
    assert tag(found, "tenant") == "b"
    assert tag(found, "stage") is None
    assert found.choosable_tags == ("*",)


def test_only_the_keys_that_may_be_sent_are_chosen() -> None:
    keys = {**PINNED, "ForAllValues:StringEquals": {"aws:TagKeys": ["tenant", "caller"]}}
    (found,) = _tagged(keys, tags={"stage": "dev"})
    assert tag(found, "stage") == "dev"
    assert set(found.choosable_tags) == {"caller"}
    assert tag(found, "tenant") == "b"


def test_each_pinned_value_is_a_state() -> None:
    found = _tagged({"StringEquals": {"aws:RequestTag/tenant": ["b", "c"]}})
    assert {tag(one, "tenant") for one in found} == {"b", "c"}


def test_a_tag_that_may_be_left_out_is_the_roles_own_then() -> None:
    found = _tagged({"StringEqualsIfExists": {"aws:RequestTag/tenant": "b"}}, tags={"tenant": "own"})
    assert {tag(one, "tenant") for one in found} == {"b", "own"}


def test_a_value_that_is_the_callers_own_tag_is_pinned_to_it() -> None:
    own = {"StringEquals": {"aws:RequestTag/tenant": "${aws:PrincipalTag/tenant}"}}
    trust = [trusts(AWS=role_arn("a"), action=BOTH, conditions=own)]
    estate = world(role("a", "a", tags={"tenant": "a"}), role("b", "b", trust=trust))
    assert {tag(one, "tenant") for one in states(reached(estate), "b")} == {"a"}


def test_a_deny_of_other_values_pins_too() -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sts:TagSession",
        "Condition": {"StringNotEquals": {"aws:RequestTag/tenant": "b"}},
    }
    tagged = [one for one in _tagged({"StringLike": {"aws:RequestTag/tenant": "*"}}, deny) if one.choosable_tags]
    assert {tag(one, "tenant") for one in tagged} == {"b"}


def test_without_tag_session_nobody_brings_tags() -> None:
    trust = [trusts(AWS=role_arn("a"))]
    (found,) = states(reached(world(role("a", "a"), role("b", "b", trust=trust, tags={"tenant": "b"}))), "b")
    assert (tag(found, "tenant"), found.choosable_tags) == ("b", ())


def test_a_trust_that_requires_a_tag_needs_tag_session() -> None:
    trust = [trusts(AWS=role_arn("a"), conditions=PINNED)]
    assert names(reached(world(role("a", "a"), role("b", "b", trust=trust)))) == {"a"}
    assert len(_tagged(PINNED)) == 1


def _chained(action: str | tuple[str, ...]) -> list[Actor]:
    first = [trusts(AWS=role_arn("a"), action=action, conditions=PINNED if len(action) == 2 else None)]
    then = [trusts(AWS=role_arn("p"))]
    estate = world(role("a", "a"), role("p", "platform", trust=first), role("b", "b", trust=then, tags={"tenant": "x"}))
    return states(reached(estate), "b")


def test_tags_of_a_session_go_on_to_the_next_or_are_dropped() -> None:
    assert {tag(one, "tenant") for one in _chained(BOTH) if not one.choosable_tags} <= {"b", "x"}
    assert any("*" in one.choosable_tags for one in _chained(BOTH))
    assert [tag(one, "tenant") for one in _chained("sts:AssumeRole")] == ["x"]


def test_a_base_state_has_the_tags_that_whoever_makes_the_session_gives() -> None:
    estate = world(role("a", "a", trust=[trusts(AWS=role_arn("gateway"), action=BOTH, conditions=PINNED)]))
    assert [tag(one, "tenant") for one in actors_of(estate, "a")] == [None, "b"]
    assert len(list(actors_of(world(role("a", "a")), "a"))) == 1


def test_a_source_identity_is_one_only_where_the_trust_takes_it() -> None:
    takes = [trusts(AWS=role_arn("x"), action=["sts:AssumeRole", "sts:SetSourceIdentity"])]
    (free,) = actors_of(world(role("a", "a", trust=takes)), "a")
    (fixed,) = actors_of(world(role("a", "a")), "a")
    assert "aws:SourceIdentity" not in free.context
    assert fixed.context["aws:SourceIdentity"] is None


@pytest.mark.parametrize("known", [True, False])
def test_a_step_that_rests_on_an_unknown_policy_is_in_doubt(known: bool) -> None:
    caller = role("a", "a", ASSUME)
    if not known:
        caller = replace(caller, identity=(document([], PolicyKind.IDENTITY, "not known"),))
    found = reached(world(caller, role("b", "b", trust=[trusts(AWS=ACCOUNT)])))
    doubts = {doubt.source.urn for actor in states(found, "b") for doubt in found.doubts(actor)}
    assert "b" in names(found)
    assert doubts == (set() if known else {"not known"})
