"""The exports of a backend: from its files where it is a folder that can be read, by the engine where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from infra.engine import Project, StackRef
from infra.errors import UserError
from infra.operations import exports as module
from infra.operations.exports import exports
from infra.settings import Settings

_DEPLOYMENT: dict[str, Any] = {"manifest": {}, "resources": []}


class _Workspace:
    """A workspace whose engine has one stack a project."""

    def __init__(self, settings: Settings, report: Callable[[str], None]) -> None:
        del settings, report
        self.engine = self

    def stacks(self, project: Project) -> list[str]:
        return [f"one-of-{project.name}"]

    def export(self, ref: StackRef) -> dict[str, Any]:
        return {"version": 3, "deployment": {**_DEPLOYMENT, "stack": ref.stack}}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@pytest.fixture(autouse=True)
def _engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Workspace", _Workspace)


def kept(home: Path, name: str, project: str = "bulkhead-tenants") -> None:
    """Write a stack's state below a home."""
    file = home / "state" / ".pulumi" / "stacks" / project / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": _DEPLOYMENT}}))


def names(settings: Settings) -> list[str]:
    return [str(one.ref) for one in exports(settings)]


def test_a_stack_that_was_removed_while_others_were_read_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another tenant's first preview makes and removes one; a file that is there and cannot be read is told."""
    kept(tmp_path, "acme.json")
    kept(tmp_path, "gone.json")
    read_file = module.read_file

    def reading(path: Path) -> bytes:
        if path.stem == "gone":
            path.unlink()
        return read_file(path)

    monkeypatch.setattr(module, "read_file", reading)
    assert names(Settings(home=tmp_path)) == ["bulkhead-tenants/acme"]
    (tmp_path / "state/.pulumi/stacks/bulkhead-tenants/broken.json").write_text("{")
    with pytest.raises(UserError):
        names(Settings(home=tmp_path))


def test_a_folder_is_read_by_itself(tmp_path: Path) -> None:
    kept(tmp_path, "acme.json")
    kept(tmp_path, "acme.json.bak")
    kept(tmp_path, "platform.json", "bulkhead-platform")
    assert names(Settings(home=tmp_path)) == ["bulkhead-platform/platform", "bulkhead-tenants/acme"]
    assert {json.loads(one.content)["version"] for one in exports(Settings(home=tmp_path))} == {3}


@pytest.mark.parametrize("name", ["acme.json.gz", "acme.json.zst"])
def test_compressed_states_are_the_engines_to_read(tmp_path: Path, name: str) -> None:
    kept(tmp_path, name)
    assert names(Settings(home=tmp_path)) == [
        "bulkhead-platform/one-of-bulkhead-platform",
        "bulkhead-tenants/one-of-bulkhead-tenants",
    ]


def test_any_other_backend_is_the_engines_to_read(tmp_path: Path) -> None:
    found = exports(Settings(home=tmp_path, backend="s3://states"))
    assert [json.loads(one.content)["deployment"]["stack"] for one in found] == [
        "one-of-bulkhead-platform",
        "one-of-bulkhead-tenants",
    ]


def test_no_stacks_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no stack is deployed"):
        exports(Settings(home=tmp_path))
