"""Where the proof finds what is deployed of other stacks, and what a planned stack is to it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from infra.constraints import UNKNOWN
from infra.policy_pack.isolation.deployments import EXPORTS, NoDeployments, deployments
from infra.policy_pack.isolation.planned_state import as_preview
from infra.policy_pack.planned import StackResource
from infra.policy_pack.specifications import Stack
from infra.proof.facts import Unreadable, read_deployment, read_preview

_URN = "urn:pulumi:acme::things::aws:s3/bucket:Bucket::data"
_RESOURCES: list[dict[str, Any]] = [
    {"urn": _URN, "type": "aws:s3/bucket:Bucket", "custom": True, "id": "b", "outputs": {"bucket": "b", "arn": "x"}}
]
_EXPORT = json.dumps({"version": 3, "deployment": {"resources": _RESOURCES}}).encode()
_STATE = json.dumps({"version": 3, "checkpoint": {"stack": "acme", "latest": {"resources": _RESOURCES}}}).encode()


def _backend(folder: Path) -> Path:
    stacks = folder / "a backend" / ".pulumi" / "stacks" / "things"
    stacks.mkdir(parents=True)
    (stacks / "acme.json").write_bytes(_STATE)
    (stacks / "globex.json.gz").write_bytes(gzip.compress(_STATE))
    (stacks / "new.json").write_text('{"version": 3, "checkpoint": {"stack": "new"}}')
    return folder / "a backend"


def test_the_files_of_a_local_backend_are_read(tmp_path: Path) -> None:
    """Plain and compressed; a stack that was never brought up has nothing."""
    environment = {"PULUMI_BACKEND_URL": _backend(tmp_path).as_uri() + "?metadata=skip"}
    found = dict(deployments([], environment, tmp_path))
    assert set(found) == {Stack("things", "acme"), Stack("things", "globex")}
    assert all(read_deployment(content)[0].id == "b" for content in found.values())


def test_the_backend_of_a_login_is_read(tmp_path: Path) -> None:
    """Where no variable names the backend, the file that `pulumi login` writes does."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "credentials.json").write_text(json.dumps({"current": _backend(tmp_path).as_uri()}))
    assert len(list(deployments([], {"PULUMI_HOME": str(home)}, tmp_path))) == 2


def test_exports_come_first(tmp_path: Path) -> None:
    """Files and folders of the configuration, else the folder that the environment names, whatever the backend is."""
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "one.json").write_bytes(_EXPORT)
    environment = {"PULUMI_BACKEND_URL": "s3://somewhere", EXPORTS: str(exports)}
    for configured in ([], ["exports"], ["exports/one.json"]):
        assert list(deployments(configured, environment, tmp_path)) == [(Stack("things", "acme"), _EXPORT)]


@pytest.mark.parametrize("environment", [{"PULUMI_BACKEND_URL": "s3://somewhere"}, {"HOME": "/nowhere"}])
def test_a_backend_without_files_is_said(environment: dict[str, str], tmp_path: Path) -> None:
    """The remedy is to export the other stacks."""
    with pytest.raises(NoDeployments, match="export them"):
        list(deployments([], environment, tmp_path))


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 3}', b"[]", b'{"version": 3, "checkpoint": 7}'])
def test_a_broken_state_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    """A file of the backend that cannot be read is no stack without resources."""
    backend = _backend(tmp_path)
    (backend / ".pulumi" / "stacks" / "things" / "acme.json").write_bytes(content)
    with pytest.raises(Unreadable, match=r"acme\.json"):
        list(deployments([], {"PULUMI_BACKEND_URL": backend.as_uri()}, tmp_path))


def _planned(**properties: Any) -> StackResource:
    return StackResource(
        type="aws:s3/bucket:Bucket", name="data", urn=_URN, properties=properties, provider_urn="urn:provider"
    )


def test_a_planned_stack_is_read_as_a_preview() -> None:
    """What is known is known, what is computed is left out, and what comes from somewhere says from where."""
    planned = _planned(bucket="b", arn=UNKNOWN, key=[UNKNOWN, "k"])
    (record,) = read_preview(as_preview([planned], frozenset[str]()))
    assert record.planned
    assert record.custom
    assert record.text("bucket") == "b"
    assert record.unknown("arn")
    assert record.partly_unknown("key")


def test_what_stays_has_its_id_and_what_is_replaced_does_not() -> None:
    """The deployed state completes what is only updated."""
    before = read_deployment(_EXPORT)
    for properties, identity in (({"bucket": "b", "tags": UNKNOWN}, "b"), ({"bucket": "b", "arn": UNKNOWN}, None)):
        (record,) = read_preview(as_preview([_planned(**properties)], {_URN}), deployed=before)
        assert record.id == identity
    (record,) = read_preview(as_preview([_planned(bucket="b", arn="x")], {_URN}), deployed=before)
    assert not record.planned
