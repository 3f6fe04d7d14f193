"""Surgery on states: what becomes of the operations that a dead run left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from infra.engine.recovery.adopt import adopt, pending_operations, plain_inputs

Resource = dict[str, Any]


def resource(name: str, **fields: Any) -> Resource:
    return {
        "urn": f"urn:pulumi:s::p::t:m:R::{name}",
        "type": "t:m:R",
        "custom": True,
        "inputs": {"name": name},
        **fields,
    }


def state(*resources: Resource, pending: tuple[tuple[str, Resource], ...] = ()) -> dict[str, Any]:
    operations = [{"type": kind, "resource": entry} for kind, entry in pending]
    return {"version": 3, "deployment": {"resources": list(resources), "pending_operations": operations}}


def finder(**ids: str) -> Any:
    def find(kind: str, inputs: Mapping[str, Any]) -> str | None:
        assert kind == "t:m:R"
        return ids.get(inputs["name"])

    return find


def settle(before: dict[str, Any], find: Any) -> Any:
    return adopt(before, pending_operations(before), find)


def test_what_exists_is_adopted_as_it_was_wanted() -> None:
    """The resource keeps parent, dependencies, provider and protection; no pending entry stays; the input is kept."""
    wanted = resource("b", parent="urn:p", dependencies=["urn:a"], provider="urn:x::id", protect=True)
    before = state(resource("a", id="1"), pending=(("creating", wanted),))
    after = settle(before, finder(b="2"))
    assert after.state["deployment"]["resources"] == [resource("a", id="1"), {**wanted, "id": "2"}]
    assert "pending_operations" not in after.state["deployment"]
    assert (after.adopted, after.dropped) == ((wanted["urn"],), ())
    assert len(before["deployment"]["pending_operations"]) == 1, "the state that was given is not touched"


def test_what_does_not_exist_is_dropped() -> None:
    """It was never created."""
    after = settle(state(pending=(("creating", resource("b")),)), finder())
    assert after.state["deployment"]["resources"] == []
    assert after.dropped == (resource("b")["urn"],)


def test_what_cannot_be_told_is_neither_dropped_nor_adopted() -> None:
    """The reason comes back."""

    def clueless(kind: str, inputs: Mapping[str, Any]) -> str | None:
        raise LookupError(f"no idea of {kind} {inputs['name']}")

    after = settle(state(pending=(("creating", resource("b")),)), clueless)
    assert after.unknown == {resource("b")["urn"]: "no idea of t:m:R b"}
    assert (after.adopted, after.dropped) == ((), ())


def test_the_old_half_of_a_replacement_is_not_taken_for_the_new() -> None:
    """The cloud has only what the state has already: the new half was not created."""
    before = state(resource("a", id="1"), pending=(("creating", resource("a")),))
    after = settle(before, finder(a="1"))
    assert after.state["deployment"]["resources"] == [resource("a", id="1")]
    assert after.dropped == (resource("a")["urn"],)


def test_the_new_half_of_a_replacement_sends_the_old_to_its_deletion() -> None:
    """Both have one URN: the older is marked for deletion, as the engine does."""
    before = state(resource("a", id="1"), pending=(("creating", resource("a")),))
    after = settle(before, finder(a="2"))
    assert after.state["deployment"]["resources"] == [resource("a", id="1", delete=True), resource("a", id="2")]


def test_what_was_deleted_before_its_replacement_gives_way() -> None:
    """The engine keeps a deleted resource until its successor is there; then it goes."""
    before = state(resource("a", id="1", pendingReplacement=True), pending=(("creating", resource("a")),))
    after = settle(before, finder(a="2"))
    assert after.state["deployment"]["resources"] == [resource("a", id="2")]


@pytest.mark.parametrize("kind", ["updating", "deleting", "reading"])
def test_the_rest_is_left_to_a_refresh(kind: str) -> None:
    """The state has these resources already; only the cloud knows how they are."""
    after = settle(state(resource("a", id="1"), pending=((kind, resource("a", id="1")),)), finder(a="9"))
    assert after.state["deployment"]["resources"] == [resource("a", id="1")]
    assert after.unsettled == (resource("a")["urn"],)


def test_providers_exist_only_in_the_state() -> None:
    """Nobody looks for a provider in the cloud."""

    def never(kind: str, inputs: Mapping[str, Any]) -> str | None:
        raise AssertionError(kind, inputs)

    provider = resource("aws", type="pulumi:providers:aws")
    assert settle(state(pending=(("creating", provider),)), never).dropped == (provider["urn"],)


def test_the_finder_sees_no_secrets() -> None:
    """Values that are encrypted in the state come as None, at any depth; the others as they are."""
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    inputs = {"name": "b", "password": secret, "tags": {"k": "v", "token": secret}, "list": [1, secret]}
    assert plain_inputs(inputs) == {"name": "b", "password": None, "tags": {"k": "v", "token": None}, "list": [1, None]}
