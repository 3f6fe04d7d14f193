"""An empty stack in a local backend: made where the engine would make it, and removed only as long as it is empty."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.engine import Project, StackRef
from infra.engine.empty_stack import make_empty_stack, remove_empty_stack
from infra.engine.local_state import stack_exists

REF = StackRef(project=Project(name="p", folder=Path("/nowhere")), stack="acme")


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / ".pulumi").mkdir()
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    return tmp_path


def _file(folder: Path) -> Path:
    return folder / ".pulumi" / "stacks" / "p" / "acme.json"


def test_it_is_made_once_and_removed(folder: Path) -> None:
    url = f"file://{folder}"
    assert make_empty_stack(url, REF)
    assert stack_exists(url, REF)
    assert json.loads(_file(folder).read_text())["checkpoint"] == {"stack": "organization/p/acme"}
    assert [path.name for path in _file(folder).parent.iterdir()] == ["acme.json"]
    assert not make_empty_stack(url, REF)
    assert remove_empty_stack(url, REF)
    assert stack_exists(url, REF) is False
    assert not remove_empty_stack(url, REF)


def test_a_stack_that_was_brought_up_meanwhile_is_neither_replaced_nor_removed(folder: Path) -> None:
    url = f"file://{folder}"
    make_empty_stack(url, REF)
    _file(folder).write_text('{"version":3,"checkpoint":{"stack":"organization/p/acme","latest":{}}}')
    assert not make_empty_stack(url, REF)
    assert not remove_empty_stack(url, REF)
    assert "latest" in _file(folder).read_text()


def test_backends_that_are_kept_in_another_way_are_left_to_the_engine(folder: Path) -> None:
    assert not make_empty_stack("s3://bucket", REF)
    (folder / ".pulumi" / "meta.yaml").write_text("version: 0\n")
    assert not make_empty_stack(f"file://{folder}", REF)
    (folder / ".pulumi" / "meta.yaml").unlink()
    assert not make_empty_stack(f"file://{folder}", REF)
    assert not _file(folder).exists()
