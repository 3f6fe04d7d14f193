"""The cache changes how long a proof takes, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.commands.estates import READS_ALL, READS_OWN, acme, globex, run, written


def _said(*arguments: str | Path) -> tuple[int, object]:
    ended = run("prove", "--json", *arguments)
    return ended.code, {key: value for key, value in ended.document.items() if key != "seconds"}


@pytest.mark.parametrize("policy", [READS_OWN, READS_ALL], ids=["own", "all"])
def test_a_second_run_says_the_same(tmp_path: Path, policy: str) -> None:
    folder, cache = written(tmp_path / "in", acme(policy), globex()), tmp_path / "cache"
    without = _said("--from", folder)
    assert _said("--from", folder, "--cache", cache) == without
    assert cache.exists()
    assert _said("--from", folder, "--cache", cache) == without


def test_what_has_changed_is_proven_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    sound, broken = (written(tmp_path / name, acme(policy), globex()) for name, policy in _VARIANTS.items())
    for folder in (sound, broken, sound):
        assert _said("--from", folder, "--cache", cache) == _said("--from", folder)
    assert _said("--from", sound)[1] != _said("--from", broken)[1]


_VARIANTS = {"sound": READS_OWN, "broken": READS_ALL}


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)), b"{}"])
def test_a_broken_cache_is_none(tmp_path: Path, content: bytes) -> None:
    folder, cache = written(tmp_path / "in", acme(READS_ALL), globex()), tmp_path / "cache"
    cache.write_bytes(content)
    assert _said("--from", folder, "--cache", cache) == _said("--from", folder)


def test_a_cache_that_cannot_be_written_is_no_verdict(tmp_path: Path) -> None:
    folder = written(tmp_path / "in", acme(READS_OWN))
    ended = run("prove", "--from", folder, "--cache", tmp_path / "none" / "cache")
    assert ended.code in (0, 3)
    assert "Traceback" not in ended.err
