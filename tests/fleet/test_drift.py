"""Drift is told from the engine's events: only what a program asked for counts, and each drift is told once."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from infra.operations.drift_model import Drift, DriftState, drifted, told_once

_URN = "urn:pulumi:acme::bulkhead-tenants::aws:cloudwatch/logGroup:LogGroup::logs"


def _event(
    op: str = "update",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    diff: dict[str, Any] | None = None,
    kind: str = "aws:cloudwatch/logGroup:LogGroup",
    urn: str = _URN,
) -> bytes:
    step: dict[str, Any] = {"op": op, "urn": urn, "type": kind, "detailedDiff": diff}
    step["old"] = {"inputs": before or {}}
    step["new"] = {"inputs": after or {}}
    return json.dumps({"resOutputsEvent": {"metadata": step}}).encode() + b"\n"


def _changed(days: int, urn: str = _URN) -> bytes:
    return _event(
        before={"retentionInDays": 90},
        after={"retentionInDays": days},
        diff={"retentionInDays": {"diffKind": "update", "inputDiff": True}},
        urn=urn,
    )


@pytest.mark.parametrize(
    ("events", "properties"),
    [
        (b"", None),
        (_event(op="refresh"), None),
        (_event(op="same"), None),
        (_changed(1), ("retentionInDays",)),
        (_event(diff={"lastModified": {"diffKind": "update", "inputDiff": False}}), None),
        (_event(before={"a": 1}, after={"a": 2}), ("a",)),
        (_event(before={"a": 1}, after={"a": 1}), None),
        (_event(op="delete"), ()),
        (_event(before={"a": 1}, after={"a": 2}, kind="bulkhead:component:TenantLogs"), None),
        (_event(before={"a": 1}, after={"a": 2}, kind="pulumi:providers:aws"), None),
        (b'{"diagnosticEvent": {"message": "hello"}}\n', None),
    ],
)
def test_what_counts(events: bytes, properties: tuple[str, ...] | None) -> None:
    """Properties that a program asked for, and resources that are gone; what AWS fills in itself does not."""
    found, digest = drifted(events)
    assert bool(digest) is (properties is not None)
    assert [each.properties for each in found] == ([] if properties is None else [properties])
    assert all(each.kind == ("missing" if properties == () else "changed") for each in found)


def test_its_digest_is_that_of_what_differs() -> None:
    """The order of events does not matter; another value is another drift."""
    other = _URN + "2"
    assert drifted(_changed(1) + _changed(2, other)) == drifted(_changed(2, other) + _changed(1))
    assert drifted(_changed(1))[1] != drifted(_changed(2))[1]


def _look(state: DriftState, digest: str = "", why: str = "") -> Drift:
    return Drift(tenant="acme", at="2026-01-01T00:00:00+00:00", state=state, digest=digest, why=why)


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        ([_look("none")], [False]),
        ([_look("drifted", "1"), _look("drifted", "1"), _look("drifted", "1")], [True, False, False]),
        ([_look("drifted", "1"), _look("drifted", "2")], [True, True]),
        ([_look("drifted", "1"), _look("none"), _look("none"), _look("drifted", "1")], [True, True, False, True]),
        ([_look("unknown", why="denied"), _look("unknown", why="denied")], [True, False]),
        ([_look("unknown", why="denied"), _look("unknown", why="throttled")], [True, True]),
        ([_look("drifted", "1"), msgspec.structs.replace(_look("drifted", "1"), why="not put back")], [True, False]),
    ],
)
def test_it_is_told_once(looks: list[Drift], told: list[bool]) -> None:
    """The same drift is told once until it changes; that it is over is told once, too."""
    before: Drift | None = None
    found: list[bool] = []
    for look in looks:
        before = told_once(before, look)
        found.append(before.new)
    assert found == told
