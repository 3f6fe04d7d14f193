"""The closure agrees with a naive one, in both directions, on arbitrary small estates."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.proof.facts import Estate
from infra.proof.reach import closure
from infra.proof.reach.editing import Gain
from infra.proof.world import Actor, Identity, World, actors_of
from tests.proof.found_out import found_out
from tests.proof.reach.naive_closure import State, naive_closure
from tests.proof.world.estates import ACCOUNT, OTHER_ACCOUNT, Statement, role, role_arn, trusts

CASES = int(os.environ.get("BULKHEAD_PROOF_CASES", "2000")) // 10
_QUICKLY = settings(deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
_NAMES = ("a", "b", "c", "d")
_ACCOUNTS = (ACCOUNT, ACCOUNT, OTHER_ACCOUNT)
_ACTIONS = (
    "sts:AssumeRole",
    "sts:*",
    "iam:PassRole",
    "lambda:CreateFunction",
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
)


def _conditions(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(st.sampled_from((None, None, "x", "y")))
    return {} if value is None else {"Condition": {"StringEquals": {"sts:ExternalId": value}}}


@st.composite
def _identity(draw: st.DrawFn) -> Statement:
    names = draw(st.lists(st.sampled_from(_NAMES), max_size=2))
    on = [role_arn(name, draw(st.sampled_from(_ACCOUNTS))) for name in names]
    return {
        "Effect": draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny"))),
        "Action": draw(st.lists(st.sampled_from(_ACTIONS), min_size=1, max_size=3)),
        "Resource": on or "*",
        **_conditions(draw),
    }


@st.composite
def _trust(draw: st.DrawFn) -> Statement:
    arn = role_arn(draw(st.sampled_from(_NAMES)), draw(st.sampled_from(_ACCOUNTS)))
    who = draw(st.sampled_from(({"AWS": arn}, {"AWS": ACCOUNT}, {"AWS": "*"}, {"Service": "lambda.amazonaws.com"})))
    effect = draw(st.sampled_from(("Allow", "Allow", "Deny")))
    return {**trusts(**who), "Effect": effect, **_conditions(draw)}


@st.composite
def estates(draw: st.DrawFn) -> Estate:
    """Two to four roles of two accounts."""
    few = st.lists(_identity(), max_size=3)
    return Estate(
        principals=tuple(
            role(
                name,
                name,
                *draw(few),
                trust=draw(st.lists(_trust(), min_size=1, max_size=2)),
                boundary=draw(st.one_of(st.none(), st.none(), st.lists(_identity(), min_size=1, max_size=2))),
                account=draw(st.sampled_from(_ACCOUNTS)),
            )
            for name in _NAMES[: draw(st.integers(2, len(_NAMES)))]
        )
    )


def _found(estate: Estate) -> set[State]:
    """The states of the estate's own roles; those that it makes anew are no others'."""
    world = World(estate)
    return {
        (actor.arn, actor.identity is Identity.EVERYTHING, actor.bounded)
        for actor in closure(world, actors_of(world, "a")).actors
        if actor.arn in world.principals
    }


def _covered(state: State, by: set[State]) -> bool:
    """Whether a state is there, or one of the same role that can do more."""
    arn, everything, bounded = state
    return any(one[0] == arn and one[1] >= everything and one[2] <= bounded for one in by)


def _agree(estate: Estate) -> bool:
    found, naive = _found(estate), naive_closure(estate, estate.principals[0])
    return all(_covered(one, found) for one in naive) and all(_covered(one, naive) for one in found)


@given(estates())
@_QUICKLY
def test_agrees_with_the_naive_closure(estate: Estate) -> None:
    assert _agree(estate)


def _unchanged(gain: Gain, actor: Actor) -> Actor:
    del gain
    return actor


def test_a_closure_without_edits_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gain, "applied", _unchanged)
    found_out(estates(), lambda estate: not _agree(estate))
