"""What a question holds: tags as requests tell them, ways through the network, several documents, what is not known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.evaluator import catalogue
from infra.evaluator.kinds import PolicyKind
from infra.proof.facts import Document, Resource, Unknown
from infra.proof.symbolic import Sat
from infra.proof.world import Actor, World, actors_of, ask, doubts, outsiders, questions, statements_of
from infra.proof.world.families import ELSEWHERE
from tests.proof.world.estates import ACCOUNT, Statement, allow, document, role, role_arn, route, thing, trusts, world

REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
MODEL = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m"
BUCKET = "arn:aws:s3:::b"
TAGGED = {"StringEquals": {"aws:ResourceTag/tenant": "a"}}


def _actor(estate: World) -> Actor:
    return next(actors_of(estate, "a"))


def _sat(estate: World, arn: str, *actions: str) -> list[Sat]:
    asked = questions(estate, _actor(estate), estate.resources[arn], actions or None)
    return [answer for question in asked if isinstance(answer := ask(estate, question), Sat)]


def _tagged(
    arn: str, condition: dict[str, Any], *, tags: dict[str, str], effect: str = "Allow", action: str = "*"
) -> bool:
    statements = [allow(action, Condition=condition)]
    if effect == "Deny":
        statements = [allow(action), {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}]
    return bool(_sat(world(role("a", "a", *statements), thing(arn, "b", tags=tags)), arn))


def test_tags_of_a_resource_are_what_they_are() -> None:
    assert _tagged(MODEL, TAGGED, tags={"tenant": "a"})
    assert not _tagged(MODEL, TAGGED, tags={"tenant": "b"})
    assert not _tagged(MODEL, TAGGED, tags={})


def test_a_deny_by_tag_does_not_bind_what_tells_no_tags() -> None:
    others = {"StringNotEquals": {"aws:ResourceTag/tenant": "a"}, "Null": {"aws:ResourceTag/tenant": "false"}}
    tags = {"tenant": "b"}
    assert not _tagged(MODEL, others, tags=tags, effect="Deny", action="sagemaker:DescribeModel")
    assert _tagged(MODEL, others, tags=tags, effect="Deny", action="sagemaker:CreateModel")
    assert _tagged(BUCKET, others, tags=tags, effect="Deny", action="s3:ListBucket")


def test_tags_that_are_not_known_may_be_any() -> None:
    model = thing(MODEL, "b", tags={"tenant": "b"})
    unknown = Unknown(model.source, "tags", "not known")
    mine = role("a", "a", allow("*", Condition=TAGGED))
    assert _sat(world(mine, model, unknown), MODEL)
    assert not _sat(world(mine, model), MODEL)


def test_model_packages_have_tags_of_their_own() -> None:
    group = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/g"
    mine = role("a", "a", allow("sagemaker:DescribeModelPackage", Condition=TAGGED))
    assert _sat(world(mine, thing(group, "b", tags={"tenant": "b"})), group)
    mine = role("a", "a", allow("sagemaker:DescribeModelPackageGroup", Condition=TAGGED))
    assert not _sat(world(mine, thing(group, "b", tags={"tenant": "b"})), group)


def _in_network(*endpoint: Statement, vpce: str = "vpce-1") -> list[Sat]:
    other = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    bucket = thing(BUCKET, "b", {**other, "Condition": {"StringNotEquals": {"aws:SourceVpce": vpce}}})
    routes = [route("vpce-1", "s3", *endpoint)] if endpoint else []
    return _sat(world(role("a", "a", allow("s3:GetObject", "s3:ListBucket")), bucket, *routes), BUCKET)


def _passes(on: str) -> Statement:
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": on}


def test_the_policy_of_the_only_endpoint_counts() -> None:
    (witness,) = _in_network(_passes(BUCKET))
    assert witness.witness.context["aws:SourceVpce"] == "vpce-1"
    assert not _in_network(_passes("arn:aws:s3:::another"))


def test_an_endpoint_that_nobody_knows_may_be_anybodys() -> None:
    assert _in_network(_passes("arn:aws:s3:::another"), vpce="vpce-2")
    assert _in_network()


def test_an_endpoint_of_another_service_leads_nowhere() -> None:
    estate = world(
        role("a", "a", allow("s3:ListBucket", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})),
        thing(BUCKET, "b"),
        route("vpce-1", "kms", _passes("*")),
    )
    assert not _sat(estate, BUCKET)


def test_the_network_of_an_endpoint_is_its_own() -> None:
    def sat(vpc: str) -> list[Sat]:
        needs = allow("s3:ListBucket", Condition={"StringEquals": {"aws:SourceVpc": vpc}})
        return _sat(
            world(role("a", "a", needs), thing(BUCKET, "b"), route("vpce-1", "s3", _passes("arn:aws:s3:::x"))), BUCKET
        )

    assert not sat("vpc-1")
    assert sat("vpc-of-somebody")


def _with_policies(*documents: Document) -> Resource:
    return replace(thing(BUCKET, "b"), policies=documents)


def test_several_documents_of_a_resource_all_count() -> None:
    names: Statement = {
        "Effect": "Allow",
        "Principal": {"AWS": role_arn("a")},
        "Action": "s3:ListBucket",
        "Resource": "*",
    }
    denies: Statement = {**names, "Effect": "Deny", "Sid": "No"}
    first, second = (document([one], PolicyKind.RESOURCE, urn, "s3") for one, urn in ((names, "one"), (denies, "two")))
    estate = world(role("a", "a"), _with_policies(first, first))
    (found,) = _sat(estate, BUCKET)
    assert statements_of(estate, found)[0].urn == "one"
    assert not _sat(world(role("a", "a"), _with_policies(first, second)), BUCKET)


def test_variables_of_the_older_version_stay_text_beside_the_newer() -> None:
    def policy(version: str, urn: str) -> Document:
        text = (
            f'{{"Version": "{version}", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{role_arn("a")}"}},'
            '"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::${aws:PrincipalTag/t}"}}'
        )
        return Document(text, PolicyKind.RESOURCE, thing(BUCKET, "b").source, urn, None)

    mine = role("a", "a", tags={"t": "b"})
    old, new = policy("2008-10-17", "old"), policy("2012-10-17", "new")
    assert _sat(world(mine, _with_policies(old, new)), BUCKET)
    assert not _sat(world(mine, _with_policies(old, replace(old, property="again"))), BUCKET)


def test_what_rests_on_a_policy_that_is_not_known_is_in_doubt() -> None:
    for known in (True, False):
        names = trusts(AWS=role_arn("a"), action="s3:ListBucket")
        policy = document([{**names, "Resource": "*"}] if known else [], PolicyKind.RESOURCE, "urn", "s3")
        estate = world(role("a", "a"), _with_policies(policy))
        (question, *_) = questions(estate, _actor(estate), estate.resources[BUCKET], ["s3:ListBucket"])
        answer = ask(estate, question)
        assert isinstance(answer, Sat)
        assert [one.source.urn for one in doubts(estate, question, answer)] == ([] if known else ["urn"])


def test_a_limit_that_is_not_known_is_in_doubt_and_denies_nothing() -> None:
    mine = role("a", "a", allow("s3:*"), boundary=[])
    estate = world(mine, thing(BUCKET, "b"))
    (question, *_) = questions(estate, _actor(estate), estate.resources[BUCKET], ["s3:ListBucket"])
    answer = ask(estate, question)
    assert isinstance(answer, Sat)
    assert len(doubts(estate, question, answer)) == 1


def _reached_from_outside(*statements: Statement) -> set[str]:
    estate = world(thing(BUCKET, "b", *statements))
    return {
        actor.arn
        for actor in outsiders(estate)
        for question in questions(estate, actor, estate.resources[BUCKET])
        if isinstance(ask(estate, question), Sat)
    }


def test_outsiders_reach_what_names_them_or_everybody() -> None:
    every: Statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    other = "555566667777"
    assert _reached_from_outside(every) == {"*", "arn:aws:iam::999999999999:role/outsider"}
    assert _reached_from_outside({**every, "Principal": {"AWS": other}}) == {f"arn:aws:iam::{other}:role/outsider"}
    partner = f"arn:aws:iam::{other}:role/partner"
    assert _reached_from_outside({**every, "Principal": {"AWS": partner}}) == {partner}
    assert _reached_from_outside({**every, "Principal": {"AWS": ACCOUNT}}) == set()


def test_outsiders_are_in_no_organization_of_the_estate() -> None:
    every: Statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert _reached_from_outside({**every, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}) == set()
    assert _reached_from_outside({**every, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}})


def test_a_principal_chooses_no_source() -> None:
    sourced = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert not _sat(world(role("a", "a", allow("s3:*", Condition=sourced)), thing(BUCKET, "b")), BUCKET)


def test_the_actions_of_other_services_are_those_of_the_catalogue() -> None:
    found: dict[str, set[str]] = {}
    for service in catalogue.services():
        for one in catalogue.resource_types(service):
            named = one.template.split(":")[2]
            if named != service and "$" not in named:
                found.setdefault(named, set()).add(service)
    assert {name: set(services) for name, services in ELSEWHERE.items()} == found


@pytest.mark.parametrize("tenant", ["a", "platform"])
def test_tenants_are_whoever_owns_and_is_no_platform(tenant: str) -> None:
    assert world(thing(BUCKET, tenant)).tenants == (() if tenant == "platform" else (tenant,))
    assert world(thing(BUCKET, tenant)).is_shared(tenant) is (tenant == "platform")
