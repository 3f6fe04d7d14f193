"""Whatever a line says, it gets one answer, and never a stack trace."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from arbitrary_requests import LAYERS, Json, document, requests
from hypothesis import given, settings
from hypothesis import strategies as st
from read_cases import Answer

from infra.evaluator.simulate import answer

DECISIONS = {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied", "Error"}

_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_keys = st.sampled_from(["id", "principal", "action", "resource", "resource_account", "context", "trust", "grants"])
_policy_keys = st.sampled_from(["identity_policies", "resource_policy", *LAYERS])


def checked(line: bytes) -> Answer:
    written = answer(line)
    assert b"\n" not in written
    found = msgspec.json.decode(written, type=Answer)
    assert found.decision in DECISIONS
    assert found.reason
    return found


@given(st.binary(max_size=60))
@settings(deadline=None, max_examples=80)
def test_bytes(line: bytes) -> None:
    assert checked(line).decision == "Error"


@given(_json)
@settings(deadline=None, max_examples=80)
def test_json(value: object) -> None:
    assert checked(json.dumps(value).encode()).decision == "Error"


@given(requests(), _keys | _policy_keys, _json)
@settings(deadline=None, max_examples=80)
def test_a_request_with_anything_in_one_key(request: Json, key: str, value: object) -> None:
    found = checked(json.dumps({**request, key: value}).encode())
    if key != "id":
        assert found.id == request["id"]


@given(requests(), st.data())
@settings(deadline=None, max_examples=80)
def test_a_request_with_anything_somewhere_in_a_policy(request: Json, data: st.DataObject) -> None:
    element = data.draw(st.sampled_from(["Effect", "Action", "Resource", "Condition", "Principal", "Sid", "NotAction"]))
    statement: Json = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", element: data.draw(_json)}
    checked(json.dumps({**request, "identity_policies": [document(statement)]}).encode())


@given(requests(), st.integers(0, 400))
@settings(deadline=None, max_examples=60)
def test_a_line_that_was_cut_off(request: Json, length: int) -> None:
    line = json.dumps(request).encode()
    if length < len(line):
        assert checked(line[:length]).decision == "Error"
