"""Nothing that could be allowed is left out of the candidates, and most of what could not is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings

from infra.proof.facts import Estate, Resource
from infra.proof.symbolic import Sat, Unsat
from infra.proof.world import Actor, World, actors_of, ask, candidates, outsiders, questions
from tests.proof.found_out import found_out
from tests.proof.world.arbitrary_estates import NAMES, estates
from tests.proof.world.estates import ACCOUNT, OTHER_ACCOUNT, Statement, allow, role, role_arn, thing, trusts, world

CASES = int(os.environ.get("BULKHEAD_PROOF_CASES", "2000")) // 10
_QUICKLY = settings(deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])


def _missed(estate: Estate, found_by: Callable[[World, Actor], Iterable[Resource]] = candidates) -> set[str]:
    """What somebody could do something to and is no candidate."""
    found = World(estate)
    actors = [actor for name in NAMES for actor in actors_of(found, name)]
    return {
        one.arn
        for actor in (*actors, *outsiders(found))
        for one in found.all_resources
        if one.arn not in {each.arn for each in found_by(found, actor)}
        and any(not isinstance(ask(found, question), Unsat) for question in questions(found, actor, one))
    }


@given(estates())
@_QUICKLY
def test_what_could_be_allowed_is_a_candidate(estate: Estate) -> None:
    assert _missed(estate) == set()


def _by_identity_alone(world: World, actor: Actor) -> Iterable[Resource]:
    """Candidates that forget what the policies of resources allow."""
    named = {one.arn for one in world.naming.naming(actor.caller)}
    return [one for one in candidates(world, actor) if one.arn not in named]


def test_what_is_left_out_by_mistake_is_found() -> None:
    found_out(estates(), lambda estate: _missed(estate, _by_identity_alone) != set())


def _names(statement: Statement, actions: tuple[str, ...] | None = None) -> set[str]:
    estate = world(role("a", "a", statement), *_THINGS)
    return {one.arn for one in candidates(estate, next(actors_of(estate, "a")), actions)} - {role_arn("a")}


_BUCKET, _NEXT = "arn:aws:s3:::t1", "arn:aws:s3:::t16"
_THINGS = (thing(_BUCKET, "t1"), thing(_NEXT, "t16"))


def test_a_prefix_without_end_has_the_next_tenants_bucket_among_its_candidates() -> None:
    assert _names(allow("s3:*", on=f"{_BUCKET}*")) == {_BUCKET, _NEXT}
    assert _names(allow("s3:*", on=[_BUCKET, f"{_BUCKET}/*"])) == {_BUCKET}


@pytest.mark.parametrize(
    "action", ["kms:*", "ecr:GetAuthorizationToken", "s3:ListAllMyBuckets", "cloudwatch:PutMetricData"]
)
def test_actions_that_name_none_of_its_families_make_no_candidate(action: str) -> None:
    assert _names(allow(action)) == set()


def test_only_the_actions_that_are_asked_about_make_candidates() -> None:
    assert _names(allow("s3:*"), actions=("s3:GetObject",)) == {_BUCKET, _NEXT}
    assert _names(allow("s3:*"), actions=("sts:AssumeRole",)) == set()


def test_what_its_trust_names_is_a_candidate() -> None:
    estate = world(
        role("a", "a", account=OTHER_ACCOUNT),
        role("b", "b", trust=[trusts(AWS=role_arn("a", OTHER_ACCOUNT))]),
        role("c", "c", trust=[trusts(AWS=ACCOUNT)]),
    )
    (actor,) = actors_of(estate, "a")
    assert {one.arn for one in candidates(estate, actor)} == {role_arn("b")}


@pytest.mark.parametrize("action", ["*", "new:Get*", "n?w:*", "new:Put"])
def test_a_service_that_the_catalogue_does_not_know_is_asked_about_too(action: str) -> None:
    arn = f"arn:aws:new:eu-central-1:{ACCOUNT}:thing/b"
    estate = world(role("a", "a", allow(action)), thing(arn, "b"))
    (actor,) = actors_of(estate, "a")
    assert arn in {one.arn for one in candidates(estate, actor)}
    answers = [ask(estate, question) for question in questions(estate, actor, estate.resources[arn])]
    assert any(isinstance(one, Sat) for one in answers)
    other = world(role("a", "a", allow("old:*")), thing(arn, "b"))
    assert arn not in {one.arn for one in candidates(other, next(actors_of(other, "a")))}
