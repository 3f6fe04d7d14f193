"""Which failed creations may have been done all the same, as a run's events tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.engine.recovery.adopt import adopt
from infra.engine.recovery.unanswered import unanswered

_TYPE = "aws:s3/bucket:Bucket"
_URN = f"urn:pulumi:acme::tenants::{_TYPE}::data"
_NEW: dict[str, Any] = {
    "urn": _URN,
    "type": _TYPE,
    "custom": True,
    "id": "",
    "parent": "urn:pulumi:acme::tenants::pulumi:pulumi:Stack::tenants-acme",
    "inputs": {"bucket": "acme-data"},
    "outputs": {},
    "provider": "urn:pulumi:acme::tenants::pulumi:providers:aws::aws::4f",
}


def _log(folder: Path, message: str, **step: Any) -> Path:
    metadata = {"op": "create", "urn": _URN, "type": _TYPE, "new": _NEW, **step}
    events = [
        {"resourcePreEvent": {"metadata": metadata}},
        {"diagnosticEvent": {"urn": _URN, "severity": "error", "message": f"creating: {message}"}},
        {"diagnosticEvent": {"severity": "error", "message": "update failed: connection reset"}},
        {"resOpFailedEvent": {"metadata": metadata}},
    ]
    file = folder / "events.jsonl"
    file.write_text("".join(json.dumps(event) + "\n" for event in events))
    return file


@pytest.mark.parametrize(
    "message",
    [
        "BucketAlreadyOwnedByYou: you own it (operation CreateBucket)",
        "EntityAlreadyExists: Role with name acme already exists.",
        "ConnectionClosedError: Connection was closed before we received a valid response",
        "request send failed: read tcp 10.0.0.1: read: connection reset by peer",
        "RequestError: unexpected EOF",
        "ReadTimeoutError: Read timed out.",
    ],
)
def test_a_lost_answer_and_a_name_in_use_are_looked_into(tmp_path: Path, message: str) -> None:
    (found,) = unanswered(_log(tmp_path, message))
    assert found["type"] == "creating"
    adopted = adopt({"deployment": {"resources": []}}, [found], lambda _kind, inputs: inputs["bucket"])
    (resource,) = adopted.state["deployment"]["resources"]
    assert (resource["urn"], resource["id"], resource["provider"]) == (_URN, "acme-data", _NEW["provider"])
    assert "outputs" not in resource, "they are read by a refresh"


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ("AccessDenied: not authorized to perform s3:CreateBucket", {}),
        ("TooManyBuckets: you have 100", {}),
        ("BucketAlreadyOwnedByYou: you own it", {"op": "create-replacement"}),
        ("BucketAlreadyOwnedByYou: you own it", {"op": "update"}),
        ("BucketAlreadyOwnedByYou: you own it", {"new": {**_NEW, "inputs": {"bucket": "b", "key": "[secret]"}}}),
    ],
)
def test_other_failures_are_what_they_say(tmp_path: Path, message: str, step: dict[str, Any]) -> None:
    assert unanswered(_log(tmp_path, message, **step)) == []
