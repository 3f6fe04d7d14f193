"""Queries over our own estate: grouping actions changes no answer, and a change of one policy is told exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from infra.proof.queries import delta
from infra.proof.queries.granted import granted
from infra.proof.symbolic import Sat
from infra.proof.world import World, actors_of, ask, candidates, questions
from tests.proof.theorem.estates import estate_of, records, with_policy


@pytest.fixture(scope="module", name="own")
def _own() -> World:
    return World(estate_of(records()))


def test_actions_that_are_asked_together_would_be_answered_alike_alone(own: World) -> None:
    """The reference asks every action of every candidate by itself."""
    deploy = next(one for one in actors_of(own, "acme") if one.arn.endswith("acme-deploy"))
    for resource in candidates(own, deploy):
        together = {action for _, found in granted(own, deploy, resource) for action in found.actions}
        alone = {
            action
            for question in questions(own, deploy, resource)
            for action in question.actions
            if isinstance(ask(own, replace(question, actions=(action,))), Sat)
        }
        assert together == alone, resource.arn


def test_one_wider_statement_is_all_that_is_told(own: World) -> None:
    def wider(document: dict[str, Any]) -> None:
        (logs,) = [one for one in document["Statement"] if one.get("Sid") == "WriteLogsOfOwnEndpoints"]
        logs["Resource"] = logs["Resource"].replace("bh-dev-acme-*", "bh-dev-*")

    changed = World(estate_of(with_policy("acme roles-serving", "policy", wider, token="RolePolicy")))
    found = delta(own, changed)
    assert (found.lost, found.altered) == ((), ())
    assert {one.principal.rpartition("/")[2] for one in found.gained} == {"bh-dev-acme-serving"}
    assert {(one.action, one.resource_owner) for one in found.gained} == {("logs:CreateLogGroup", "globex")}


def test_a_new_tenant_gains_over_itself_and_what_is_shared_only(own: World) -> None:
    before = World(estate_of(one for one in records() if not one.source.urn.startswith("urn:pulumi:globex::")))
    found = delta(before, own)
    assert (found.lost, found.altered) == ((), ())
    pairs = {(one.owner, one.resource_owner) for one in found.gained}
    assert pairs == {("globex", "globex"), ("globex", "platform"), ("platform", "globex")}
