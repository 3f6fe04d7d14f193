"""The reader of YAML files: plain data with line numbers, and nothing that could surprise its reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.spec.source import MAX_BYTES, MAX_DEPTH, read_source


def test_plain_data_with_lines(tmp_path: Path) -> None:
    """Scalars follow YAML 1.2, and each key and list entry knows its line."""
    file = tmp_path / "a.yaml"
    file.write_text("# comment\na: 1\nb:\n  - x\n  - {c: yes, d: 2020-01-01}\ne: ~\nf: 1.5\ng: true\nh: 012\n")
    source, problems = read_source(file)
    assert problems == []
    assert source is not None
    assert source.data == {
        "a": 1, "b": ["x", {"c": "yes", "d": "2020-01-01"}], "e": None, "f": 1.5, "g": True, "h": 12,
    }  # fmt: skip
    assert source.lines[("a",)] == 2
    assert source.lines[("b", 1)] == source.lines[("b", 1, "d")] == 5
    assert source.line(("b", 1, "absent", "below")) == 5
    assert source.line(("absent",)) == 1


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tag"),
        ("a: !local x\n", 1, "tags are not read here"),
        ("a: &x 1\n", 1, "anchors and aliases"),
        ("a: *x\n", 1, "anchors and aliases"),
        ("%YAML 1.1\n---\na: yes\n", 2, "directives"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("1: x\n", 1, "a key must be text"),
        ("- 1\n", 1, "not a mapping"),
        ("", 1, "empty"),
        ("# only a comment\n", 1, "empty"),
        ("a: {b: 1\n", 2, "not valid YAML"),
        ("a: \x07\n", None, "not valid YAML"),
        ("a: " + "[" * 10_000 + "\n", 1, f"deeper than {MAX_DEPTH}"),
        ("a: 1" + "0" * 5000 + "\n", 1, "number is too long"),
    ],
)
def test_refused(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    """What a spec cannot hold is a problem of its line, with a remedy, and never an exception."""
    file = tmp_path / "a.yaml"
    file.write_text(text)
    source, (problem,) = read_source(file)
    assert source is None
    assert (problem.file, problem.line) == (file, line)
    assert says in problem.message
    assert problem.remedy


def test_every_repeated_key_is_named(tmp_path: Path) -> None:
    """A key that is there twice is a problem wherever it is, not the last value."""
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    _, problems = read_source(file)
    assert [(problem.key, problem.line) for problem in problems] == [("b.c", 2), ("a", 3)]
    assert all("twice" in problem.message for problem in problems)


@pytest.mark.parametrize("content", [b"a: \xff\n", b"#" * (MAX_BYTES + 1)])
def test_unreadable_content(tmp_path: Path, content: bytes) -> None:
    """Other encodings and huge files are refused before they are parsed."""
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    source, (problem,) = read_source(file)
    assert source is None
    assert problem.line is None
    assert problem.remedy


def test_absent_file_and_folder(tmp_path: Path) -> None:
    """A file that is not there, or is a folder, is a problem with a remedy."""
    for file in (tmp_path / "absent.yaml", tmp_path):
        source, (problem,) = read_source(file)
        assert source is None
        assert problem.file == file
        assert problem.remedy
