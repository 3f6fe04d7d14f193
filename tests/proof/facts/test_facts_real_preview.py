"""Previews as the engine writes them: as a digest, and as events."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from infra.proof.facts import Unreadable, read_deployment, read_preview
from tests.engine.notes_bench import Bench, make_bench
from tests.engine.test_plain_cli import plain, pulumi

__all__ = ["plain"]
_STREAMING = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"


@pytest.fixture(name="bench")
def _bench(tmp_path: Path, engine_command: Path) -> Bench:
    folder = tmp_path / "a bench"
    folder.mkdir()
    return make_bench(folder, engine_command)


def _preview(bench: Bench, *, streaming: bool) -> bytes:
    environment = {key: value for key, value in bench.settings.cli_environment().items() if key != _STREAMING}
    if streaming:
        environment[_STREAMING] = "true"
    return subprocess.run(
        [str(bench.settings.command), "preview", "--json", "--stack", "acme", "--non-interactive"],
        cwd=bench.project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    ).stdout


def test_the_planned_state_is_what_the_run_would_leave(plain: Bench) -> None:
    plain.want("acme", kept={"text": "one"}, changed={"text": "one"}, gone={"text": "one"})
    (plain.folder / "state").mkdir()
    assert pulumi(plain, "stack", "init", "acme").returncode == 0
    assert pulumi(plain, "up", "--yes", "--stack", "acme").returncode == 0
    deployed = read_deployment(pulumi(plain, "stack", "export", "--stack", "acme").stdout.encode())
    plain.want("acme", kept={"text": "one"}, changed={"text": "two"}, made={"text": "three"})
    digest, events = (_preview(plain, streaming=streaming) for streaming in (False, True))
    assert "steps" in json.loads(digest)
    wanted = {"kept": "one", "changed": "two", "made": "three"}
    for records in (
        read_preview(digest, deployed=deployed),
        read_preview(events),
        read_preview(events, deployed=deployed),
    ):
        notes = {each.source.urn.rpartition("::")[2]: each for each in records if each.type == "notes:index:Note"}
        assert {name: note.text("text") for name, note in notes.items()} == wanted
        assert {name: note.planned for name, note in notes.items()} == {"kept": False, "changed": True, "made": True}
        assert all(note.custom for note in notes.values())
    with pytest.raises(Unreadable, match="leaves out"):
        read_preview(digest)
