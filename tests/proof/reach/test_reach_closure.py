"""The search itself: chains without a step twice, and an end to it however much can be reached."""

from __future__ import annotations

from importlib import import_module

import pytest

from infra.proof.reach.closure import closure
from infra.proof.world import Identity, World, actors_of
from tests.proof.reach.chains import names, reached, states
from tests.proof.world.estates import OTHER_ACCOUNT, allow, role, role_arn, thing, trusts, world

#: The package has a function of the same name.
_MODULE = import_module("infra.proof.reach.closure")


def test_no_step_comes_twice_in_the_chain_to_somebody_edited() -> None:
    trusts_p = [trusts(AWS=role_arn("p"))]
    estate = world(
        role("a", "a"),
        role("p", "platform", trust=[trusts(AWS=role_arn("a"))]),
        role("c", "c", allow("iam:PutRolePolicy", on=role_arn("b")), trust=trusts_p),
        role("b", "b", trust=trusts_p),
    )
    found = reached(estate)
    edited = next(one for one in states(found, "b") if one.identity is Identity.EVERYTHING)
    steps = [(step.kind, step.becomes.rpartition("/")[2]) for step in found.chain(edited)]
    assert steps == [("assume-role", "p"), ("assume-role", "c"), ("edit-policy", "b"), ("assume-role", "b")]


def _circle(size: int) -> World:
    """Roles that trust the one before, the last by the first."""
    trusted = [trusts(AWS=role_arn(f"r{(number - 1) % size}")) for number in range(size)]
    return world(*(role(f"r{number}", "a" if number == 0 else "b", trust=[one]) for number, one in enumerate(trusted)))


def test_a_circle_of_trust_ends() -> None:
    found = reached(_circle(12))
    assert len(found.actors) == 12
    assert found.unknown == ()
    assert len(found.chain(found.actors[-1])) == 11


def test_with_too_many_states_the_rest_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_MODULE, "_MOST_ACTORS", 5)
    found = reached(_circle(12))
    assert len(found.actors) < 12
    assert [one.property for one in found.unknown] == ["chains"]


def _administered(*, across: bool) -> World:
    """An administrator, another role of its account, and a thing of another account that names that role."""
    other = thing("arn:aws:sqs:eu-central-1:444455556666:q", "c", account=OTHER_ACCOUNT)
    if across:
        name = {"Effect": "Allow", "Principal": {"AWS": role_arn("b")}, "Action": "sqs:*", "Resource": "*"}
        other = thing("arn:aws:sqs:eu-central-1:444455556666:q", "c", name, account=OTHER_ACCOUNT)
    return world(role("a", "a", allow("*")), role("b", "b"), other)


@pytest.mark.parametrize("across", [True, False])
def test_beside_an_administrator_only_what_other_accounts_name_is_edited(
    across: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_MODULE, "_MANY_ACTORS", 0)
    found = reached(_administered(across=across))
    assert {"a", "b"} <= names(found)
    assert any(one.identity is Identity.EVERYTHING for one in states(found, "b")) is across


def test_starts_are_reached_by_no_step_and_once() -> None:
    estate = world(role("a", "a"), role("b", "a"))
    starts = [*actors_of(estate, "a"), *actors_of(estate, "a")]
    found = closure(estate, starts)
    assert len(found.actors) == 2
    assert all(found.chain(one) == () and found.start(one) == one for one in found.actors)
