"""What a file is, by what is in it and not by its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.proof.facts import Unreadable, read_deployment
from infra.proof.facts.kinds import InputKind, told
from tests.proof.facts.exports import Stack

_EXPORT = Stack().export()
_EVENT: dict[str, Any] = {"sequence": 1, "timestamp": 0, "preludeEvent": {"config": {}}}
_END: dict[str, Any] = {"sequence": 2, "timestamp": 0, "summaryEvent": {"resourceChanges": {}}}


_DOCUMENTS: list[tuple[Any, InputKind]] = [
    (_EXPORT, InputKind.EXPORT),
    ({"steps": []}, InputKind.PREVIEW),
    ({"changeSummary": {"same": 1}}, InputKind.PREVIEW),
    ([_EVENT, _END], InputKind.PREVIEW),
    ({"RoleDetailList": []}, InputKind.ANSWER),
    ({"KeyMetadata": {}, "Policy": "{}"}, InputKind.ANSWER),
]


@pytest.mark.parametrize("indent", [None, 2], ids=["on one line", "on several lines"])
@pytest.mark.parametrize(("document", "kind"), _DOCUMENTS)
def test_a_document_is_told_by_its_keys(document: Any, kind: InputKind, indent: int | None) -> None:
    content = json.dumps(document, indent=indent).encode()
    assert told(content, "x.json") == (kind, content)


def test_events_may_be_one_a_line() -> None:
    content = "\n".join(map(json.dumps, [_EVENT, _END])).encode()
    assert told(content, "x.json")[0] is InputKind.PREVIEW


def test_a_state_of_the_file_backend_is_the_export_that_it_would_be() -> None:
    state = {"version": 3, "checkpoint": {"stack": "acme", "latest": _EXPORT["deployment"]}}
    kind, content = told(json.dumps(state).encode(), "acme.json")
    assert kind is InputKind.EXPORT
    assert read_deployment(content) == read_deployment(json.dumps(_EXPORT).encode())


@pytest.mark.parametrize("latest", [{}, {"latest": None}], ids=["absent", "null"])
def test_a_state_of_a_stack_that_was_never_run_is_empty(latest: dict[str, Any]) -> None:
    kind, content = told(json.dumps({"version": 3, "checkpoint": {"stack": "acme", **latest}}).encode(), "acme.json")
    assert kind is InputKind.EXPORT
    assert read_deployment(content) == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"null",
        b"12",
        b"{}",
        b'{"a": 1}',
        b'{"deployment": ',
        b'{"checkpoint": 1, "version": 3}',
        b"\xff\xfe",
    ],
)
def test_anything_else_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"x\.json") as caught:
        told(content, "x.json")
    assert caught.value.remedy
