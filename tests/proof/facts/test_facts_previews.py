"""Planned state: what changes by the preview, what stays by the export, and what nobody can know yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from infra.proof.facts import Estate, Unreadable, assemble, read_deployment, read_preview
from tests.proof.facts.exports import ACCOUNT, UNKNOWN, Stack, allow, trust

_ROLE = "aws:iam/role:Role"
_ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def _state(stack: Stack, token: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    provider = stack.urn("pulumi:providers:aws", "aws") + "::p"
    return {
        "urn": stack.urn(token, name),
        "type": token,
        "custom": True,
        "inputs": inputs,
        "provider": provider,
        **more,
    }


def _step(op: str, state: Mapping[str, Any], old: Mapping[str, Any] | None = None) -> dict[str, Any]:
    step = {"op": op, "urn": state["urn"], "newState": state}
    return step if old is None else {**step, "oldState": old}


def _digest(*steps: Mapping[str, Any], same: int = 0) -> bytes:
    return json.dumps({"steps": list(steps), "changeSummary": {"same": same}}).encode()


def _events(*steps: Mapping[str, Any], same: int = 0) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        metadata = {"op": step["op"], "urn": step["urn"], "new": step.get("newState"), "old": step.get("oldState")}
        listed.append({"sequence": number, "timestamp": 0, "resourcePreEvent": {"metadata": metadata}})
    return [*listed, {"summaryEvent": {"resourceChanges": {"same": same}}}]


def _planned(content: bytes | list[dict[str, Any]], stack: Stack | None = None) -> Estate:
    deployed = read_deployment(stack.export()) if stack else ()
    return assemble(read_preview(content, deployed=deployed))


def _role(stack: Stack) -> dict[str, Any]:
    inputs = {"name": "r", "assumeRolePolicy": trust(AWS="*"), "tags": {"tenant": "acme"}}
    return _state(stack, _ROLE, "r", inputs)


def test_a_role_that_is_made_has_an_arn_by_its_name_and_the_account_of_its_stack() -> None:
    stack = Stack()
    found = _planned(_digest(_step("create", _role(stack)), same=1), stack)
    (role,) = found.principals
    assert role.arn == f"arn:aws:iam::{ACCOUNT}:role/r"
    assert role.owner == "acme"
    assert role.trust is not None
    assert found.unknown == ()


def test_events_in_every_form_say_the_same_as_the_digest() -> None:
    stack = Stack()
    steps = (_step("create", _role(stack)),)
    wanted = _planned(_digest(*steps, same=1), stack)
    events = _events(*steps, same=1)
    assert _planned(events, stack) == wanted
    assert _planned(json.dumps(events).encode(), stack) == wanted
    assert _planned("\n".join(map(json.dumps, events)).encode(), stack) == wanted


def test_outputs_that_come_later_count() -> None:
    stack = Stack()
    role = _role(stack)
    step = _step("create", role)
    arn = f"arn:aws:iam::{ACCOUNT}:role/path/r"
    later = {"op": "create", "urn": role["urn"], "new": {**role, "outputs": {**role["inputs"], "arn": arn}}}
    events = [*_events(step), {"resOutputsEvent": {"metadata": later}}]
    assert _planned(events, stack).principals[0].arn == arn


def test_what_stays_must_be_in_the_preview_or_in_the_export() -> None:
    stack = Stack()
    stack.role("old")
    content = _digest(_step("create", _role(stack)), same=2)
    with pytest.raises(Unreadable, match=r"(?s)leaves out 2 resources.*--show-sames"):
        read_preview(content)
    assert {one.arn.rpartition("/")[2] for one in _planned(content, stack).principals} == {"old", "r"}


def test_a_deletion_takes_away_and_a_replacement_does_not() -> None:
    stack = Stack()
    urn = stack.role("r")
    gone = {"op": "delete", "urn": urn}
    assert _planned(_digest(gone, same=1), stack).principals == ()
    replaced = (_step("create-replacement", _role(stack)), {"op": "delete-replaced", "urn": urn})
    assert len(_planned(_digest(*replaced, same=1), stack).principals) == 1


def test_an_update_keeps_the_arn_and_takes_the_new_policy() -> None:
    stack = Stack()
    stack.role("r", path="/p/", arn=f"arn:aws:iam::{ACCOUNT}:role/p/r")
    old = stack.resources[-1]
    new = {**_role(stack)["inputs"], "path": "/p/"}
    state = _state(stack, _ROLE, "r", new, id="r")
    (role,) = _planned(_digest(_step("update", state, old), same=1), stack).principals
    assert role.arn == f"arn:aws:iam::{ACCOUNT}:role/p/r"
    assert role.trust is not None
    assert role.trust.text == trust(AWS="*")


def test_a_policy_that_is_not_known_yet_is_there_without_its_text() -> None:
    stack = Stack()
    stack.role("r")
    policy = _state(stack, _ROLE_POLICY, "rp", {"role": "r", "policy": UNKNOWN})
    found = _planned(_digest(_step("create", policy), same=2), stack)
    (document,) = found.principals[0].identity
    assert document.text is None
    (unknown,) = found.unknown
    assert (unknown.source.urn, unknown.property) == (policy["urn"], "policy")


def test_a_holder_that_is_not_known_yet_is_found_by_what_its_name_comes_from() -> None:
    stack = Stack()
    role = _role(stack)
    policy = {"role": UNKNOWN, "policy": allow("s3:*")}
    leads = {"propertyDependencies": {"role": [role["urn"]]}}
    steps = (_step("create", role), _step("create", _state(stack, _ROLE_POLICY, "rp", policy, **leads)))
    found = _planned(_digest(*steps, same=1), stack)
    assert len(found.principals[0].identity) == 1
    assert found.unknown == ()
    lost = _planned(_digest(steps[0], _step("create", _state(stack, _ROLE_POLICY, "rp", policy)), same=1), stack)
    assert [each.property for each in lost.unknown] == ["role"]


def test_an_arn_that_is_not_known_yet_is_a_pattern_and_unknown() -> None:
    stack = Stack()
    key = _state(stack, "aws:kms/key:Key", "k", {"policy": allow("kms:*", Principal="*")})
    found = _planned(_digest(_step("create", key), same=1), stack)
    (resource,) = found.resources
    assert resource.arn == f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/*"
    assert resource.families[0].type == "key"
    assert len(resource.policies) == 1
    assert [each.property for each in found.unknown] == ["arn"]


def test_whether_a_new_type_has_arns_is_unknown_unless_its_kin_tell() -> None:
    stack = Stack()
    token = "aws:ec2/transitGatewayRoute:TransitGatewayRoute"
    planned = _step("create", _state(stack, token, "new", {"subnetId": "s"}))
    assert [each.property for each in _planned(_digest(planned, same=1), stack).unknown] == ["arn"]
    stack.add(token, "old", {"subnetId": "s"})
    assert _planned(_digest(planned, same=2), stack).unknown == ()


def test_a_secret_is_not_known() -> None:
    stack = Stack()
    stack.role("r")
    policy = _state(stack, _ROLE_POLICY, "rp", {"role": "r", "policy": "[secret]"})
    found = _planned(_digest(_step("create", policy), same=2), stack)
    assert found.principals[0].identity[0].text is None


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"7", b"[7]", b'{"steps": 7}', b'{"steps": [{"op": "create"}]}'])
def test_what_is_no_preview_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"plan\.json"):
        read_preview(content, "plan.json")
