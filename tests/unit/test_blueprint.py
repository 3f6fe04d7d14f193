"""The version of the blueprint: it changes with what programs are made of, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.blueprint import SOURCES, blob_id, counts, sdk_pins, version_of, version_of_checkout
from infra.changes.imports import Imports
from infra.errors import UserError
from infra.settings import ROOT

_PROJECT = b'[project]\nversion = "1.2.0"\ndependencies = ["boto3>=1", "pulumi==3.250.0", "pulumi-aws==7.51.1"]\n'


def test_it_counts_every_module_that_a_program_imports() -> None:
    """Whatever the programs of the platform and of tenants import is part of their version."""
    imports = Imports()
    modules = {*imports.modules("stacks.__main__"), *imports.modules("tenant_stacks.__main__")}
    files = [each.replace(".", "/") for each in modules]
    missing = [
        file
        for file in files
        if not any(f"{file}.py" == source or f"{file}/".startswith(f"{source}/") for source in SOURCES)
        and f"{file}/__init__.py" not in SOURCES
    ]
    assert len(modules) > 100
    assert not missing


def test_every_source_is_there() -> None:
    """No name in the list is of a file that was moved."""
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []


def _checkout(root: Path) -> Path:
    for source in SOURCES:
        file = root / source if "." in source else root / source / "__init__.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# {source}\n")
    (root / "pyproject.toml").write_bytes(_PROJECT)
    return root


def _append(file: str, text: str = "more\n") -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + text)

    return change


def _project(old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / "pyproject.toml").write_text(_PROJECT.decode().replace(old, new))

    return change


def _moved(root: Path) -> None:
    (root / "infra/tags.py").rename(root / "components/tags.py")
    (root / "infra/tags.py").touch()


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (_append("components/storage/buckets.py"), True),
        (_append("infra/naming.py"), True),
        (_append("infra/spec/instance_types.txt"), True),
        (_append("Pulumi.yaml"), True),
        (_append("tenant_stacks/specs/acme.yaml"), False),
        (_append("stacks/platform.yaml"), False),
        (_append("tenant_stacks/Pulumi.acme.yaml"), False),
        (_append("infra/cli/main.py"), False),
        (_append("docs/notes.md"), False),
        (_append("components/__pycache__/base.cpython-311.pyc"), False),
        (_project("7.51.1", "7.52.0"), True),
        (_project("boto3>=1", "boto3>=2"), False),
        (_moved, True),
    ],
)
def test_what_changes_it(tmp_path: Path, change: Callable[[Path], None], differs: bool) -> None:
    """Modules, their data and the SDK do; specs, settings of stacks, documentation and everything else do not."""
    before = version_of_checkout(_checkout(tmp_path / "before"))
    after_root = _checkout(tmp_path / "after")
    assert version_of_checkout(tmp_path / "before") == before
    change(after_root)
    assert (version_of_checkout(after_root) != before) is differs
    assert before.startswith("1.2.0+")


def test_files_count_by_the_ids_of_git() -> None:
    """The id of a file is the one that git gives it; a file that is none of the programs' does not count."""
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert version_of(_PROJECT, {"components/a.py": "1"}) != version_of(_PROJECT, {"components/b.py": "1"})
    assert version_of(_PROJECT, {"tenant_stacks/specs/a.yaml": "1"}) == version_of(_PROJECT, {})
    assert not counts("stacks/platform.yaml")


def test_a_project_without_a_version_is_refused() -> None:
    """The error names the file and what is missing."""
    with pytest.raises(UserError, match=r"pyproject\.toml.*version"):
        version_of(b"[project]\n", {})
    assert sdk_pins(_PROJECT) == ("pulumi-aws==7.51.1", "pulumi==3.250.0")


def test_a_checkout_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    """A missing file is named, with what to do."""
    with pytest.raises(UserError, match="whole checkout"):
        version_of_checkout(tmp_path)
