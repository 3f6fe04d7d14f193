"""Unpacking what a tenant uploaded: nothing leaves the folder, and nothing grows without limit."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from infra.sandbox.serving import artifact
from infra.sandbox.serving.artifact import ArtifactRefused, unpack


def _archive(path: Path, *members: tarfile.TarInfo, content: bytes = b"x") -> Path:
    with tarfile.open(path, "w:gz") as opened:
        for member in members:
            member.size = len(content) if member.isfile() else 0
            opened.addfile(member, io.BytesIO(content))
    return path


def _link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type = kind
    member.linkname = target
    return member


def test_plain_files_are_unpacked(tmp_path: Path) -> None:
    """The positive control."""
    (tmp_path / "out").mkdir()
    unpack(_archive(tmp_path / "a.tar.gz", tarfile.TarInfo("manifest.json")), tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == b"x"


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("deep/../../outside"),
        _link("link", "/etc/passwd", tarfile.SYMTYPE),
        _link("link", "../outside", tarfile.SYMTYPE),
        _link("link", "manifest.json", tarfile.LNKTYPE),
        _link("device", "", tarfile.CHRTYPE),
        _link("pipe", "", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member.name}-{member.type!r}",
)
def test_what_leads_out_or_is_no_file_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ArtifactRefused):
        unpack(_archive(tmp_path / "a.tar.gz", tarfile.TarInfo("manifest.json"), member), tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"a.tar.gz", "out"}
    assert not any(path.is_symlink() for path in (tmp_path / "out").iterdir())


def test_an_absolute_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    target = tmp_path / "absolute"
    with pytest.raises(ArtifactRefused, match="leads out"):
        unpack(_archive(tmp_path / "a.tar.gz", tarfile.TarInfo(str(target))), tmp_path / "out")
    assert not target.exists()


def test_a_bomb_is_refused_before_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: the same archive passes where the limit allows it."""
    (tmp_path / "out").mkdir()
    bomb = _archive(tmp_path / "a.tar.gz", tarfile.TarInfo("zeros"), content=bytes(1_000_000))
    assert bomb.stat().st_size < 10_000
    monkeypatch.setattr(artifact, "MAX_UNPACKED_BYTES", 999_999)
    with pytest.raises(ArtifactRefused, match="999999 bytes"):
        unpack(bomb, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
    monkeypatch.setattr(artifact, "MAX_UNPACKED_BYTES", 1_000_000)
    unpack(bomb, tmp_path / "out")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(artifact, "MAX_MEMBERS", 2)
    members = [tarfile.TarInfo(f"f{number}") for number in range(3)]
    with pytest.raises(ArtifactRefused, match="more than 2 files"):
        unpack(_archive(tmp_path / "a.tar.gz", *members), tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(ArtifactRefused, match="cannot be unpacked"):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")
