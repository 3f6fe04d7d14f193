"""The estate as its files are now: loaded again when one of them is another, and not before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.spec import SpecErrors, current_estate
from infra.spec.source import read_source
from tests.unit.spec.estates import Files


def test_it_is_loaded_once_while_no_file_changes(files: Files) -> None:
    loaded = files.load()
    first = current_estate(files.platform_file, files.specs)
    assert first == loaded
    assert current_estate(files.platform_file, files.specs) is first


def test_every_change_of_the_files_is_seen(files: Files) -> None:
    """Also one of the same length, at the same time: files are replaced as a whole."""
    files.write()
    first = current_estate(files.platform_file, files.specs)
    (file,) = files.specs.glob("*.yaml")
    status = file.stat()
    other = file.with_suffix(".new")
    other.write_bytes(file.read_bytes())
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(file)
    assert current_estate(files.platform_file, files.specs) is not first
    file.unlink()
    assert not current_estate(files.platform_file, files.specs).tenants


def test_what_is_wrong_is_told_each_time(files: Files) -> None:
    files.write()
    (file,) = files.specs.glob("*.yaml")
    file.write_text("id: [")
    for _ in range(2):
        with pytest.raises(SpecErrors):
            current_estate(files.platform_file, files.specs)


def test_a_file_is_parsed_once_for_each_content(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    first, _ = read_source(file)
    assert read_source(file)[0] is first
    file.write_text("a: 2\n")
    other, problems = read_source(file)
    assert other is not None
    assert (other.data, problems) == ({"a": 2}, [])
