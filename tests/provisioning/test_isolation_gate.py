"""A change is refused for the leak that it makes, and not for what was wrong before it or elsewhere."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.operations import in_the_making, isolation_gate
from infra.operations.exports import StackExport
from infra.operations.isolation_gate import Judgement, judge_deployed, judge_plan
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace
from infra.settings import ROOT
from infra.spec import load_estate
from tests.proof.recorded.exports import recorded

_ESTATE = load_estate(ROOT / "stacks" / "platform.yaml", ROOT / "tenant_stacks" / "specs")
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_OUTSIDER = "arn:aws:iam::999999999999:role/somebody"
_TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return cast("Workspace", SimpleNamespace(estate=_ESTATE, settings=SimpleNamespace(home=tmp_path)))


def _deployed(monkeypatch: pytest.MonkeyPatch, **stacks: Mapping[str, Any]) -> None:
    refs = {"platform": PLATFORM_STACK}
    found = [
        StackExport(ref=refs.get(owner, tenant_stack(owner)), content=json.dumps(export).encode())
        for owner, export in {"platform": recorded()["platform"], **stacks}.items()
    ]

    def exports(_: object) -> list[StackExport]:
        return found

    monkeypatch.setattr(isolation_gate, "exports", exports)


def _known(monkeypatch: pytest.MonkeyPatch, export: bytes | None) -> None:
    """What there is of a stack when it begins to be made."""

    def export_of(_workspace: Workspace, _ref: object) -> bytes | None:
        return export

    monkeypatch.setattr(in_the_making, "export_of", export_of)


def _leaky(owner: str) -> dict[str, Any]:
    """The stack of a tenant whose topic lets another account subscribe."""
    export = copy.deepcopy(dict(recorded()[owner]))
    for state in export["deployment"]["resources"]:
        if state["type"] == _TOPIC_POLICY:
            outputs = state["outputs"]
            policy = json.loads(outputs["policy"])
            allowed = {"Principal": {"AWS": _OUTSIDER}, "Action": "sns:Subscribe", "Resource": outputs["arn"]}
            policy["Statement"].append({"Effect": "Allow", **allowed})
            outputs["policy"] = json.dumps(policy)
    return export


def _preview(export: Mapping[str, Any], op: str) -> bytes:
    """The events of a preview that plans what an export says."""
    events: list[str] = []
    for number, state in enumerate(export["deployment"]["resources"]):
        new = {key: state[key] for key in ("urn", "type", "custom", "parent", "outputs") if key in state}
        if op == "create" and "vpcId" in (new.get("outputs") or {}):
            new["outputs"] = {**new["outputs"], "vpcId": _UNKNOWN}
        old = None if op == "create" else state
        metadata = {"op": op, "urn": state["urn"], "type": state["type"], "old": old, "new": new}
        events.append(json.dumps({"sequence": number, "resourcePreEvent": {"metadata": metadata, "planning": True}}))
    summary = {"summaryEvent": {"resourceChanges": {op: len(events)}, "isPreview": True}}
    return "\n".join([*events, json.dumps(summary)]).encode()


def test_the_recorded_estate_passes(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, acme=recorded()["acme"], globex=recorded()["globex"])
    assert judge_deployed(workspace, "acme") == Judgement()
    assert judge_plan(workspace, "acme", _preview(recorded()["acme"], "same")) == Judgement()


def test_a_leak_that_a_change_makes_is_refused_with_its_witness(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deployed(monkeypatch, acme=recorded()["acme"], globex=recorded()["globex"])
    judged = judge_plan(workspace, "globex", _preview(_leaky("globex"), "update"))
    assert "arn:aws:iam::999999999999:" in judged.leak
    assert "sns:Subscribe" in judged.leak
    assert "of globex" in judged.leak


def test_a_leak_of_others_stops_nobody_else(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """One broken tenant must not block all others; it is told, and stops whom it is about."""
    _deployed(
        monkeypatch,
        acme=recorded()["acme"],
        acmeeu=recorded()["acmeeu"],
        globex=_leaky("globex"),
    )
    other = judge_deployed(workspace, "acmeeu")
    assert (other.leak, other.unknown) == ("", "")
    assert "not of this change" in other.notes[0]
    planned = judge_plan(workspace, "acmeeu", _preview(recorded()["acmeeu"], "same"))
    assert (planned.leak, planned.unknown) == ("", "")
    assert judge_deployed(workspace, "globex").leak


def test_a_tenant_that_is_being_made_is_left_to_its_own_proof(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deployed(monkeypatch, acme=recorded()["acme"], globex=_leaky("globex"))
    _known(monkeypatch, None)
    with in_the_making.being_made(workspace, "globex"):
        assert judge_deployed(workspace, "acme") == Judgement()
        assert judge_plan(workspace, "acme", _preview(recorded()["acme"], "same")) == Judgement()
        assert judge_deployed(workspace, "globex").leak
    assert "not of this change" in judge_deployed(workspace, "acme").notes[0]


def test_a_tenant_that_is_there_already_is_never_left_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deployed(monkeypatch, acme=recorded()["acme"], globex=_leaky("globex"))
    _known(monkeypatch, b"{}")
    with in_the_making.being_made(workspace, "globex"):
        assert "not of this change" in judge_deployed(workspace, "acme").notes[0]


def test_ids_that_aws_has_still_to_choose_are_waited_for(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    _deployed(monkeypatch, acme=recorded()["acme"])
    judged = judge_plan(workspace, "globex", _preview(recorded()["globex"], "create"))
    assert (judged.leak, judged.unknown) == ("", "")
    assert judged.open > 0


def test_nothing_is_waited_for_once_it_is_deployed(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broken twin: what is not known of a deployed tenant does not pass."""
    export = copy.deepcopy(dict(recorded()["globex"]))
    for state in export["deployment"]["resources"]:
        if state["type"] == _TOPIC_POLICY:
            state["outputs"]["policy"] = _UNKNOWN
    _deployed(monkeypatch, acme=recorded()["acme"], globex=export)
    judged = judge_deployed(workspace, "globex")
    assert judged.leak == ""
    assert judged.unknown
    assert judge_deployed(workspace, "acme").unknown == ""
