"""Runs that are killed: the next one finds what they left; nothing is made twice, nothing is orphaned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.engine import Engine, Operation, StackEvent, StackRef
from infra.engine.errors import ConcurrentUpdate, RecoveryIncomplete
from infra.engine.local_state import has_pending_operations, local_folder
from tests.engine.killing import kill_in_the_middle
from tests.engine.notes_bench import Bench, make_bench, save_bench

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(tmp_path: Path, engine_command: Path) -> Bench:
    folder = tmp_path / "a bench"
    folder.mkdir()
    return make_bench(folder, engine_command)


def locks(bench: Bench) -> list[Path]:
    folder = local_folder(bench.settings.backend_url)
    assert folder is not None
    return list((folder / ".pulumi" / "locks").rglob("*.json"))


def run(bench: Bench, ref: StackRef, operation: Operation = Operation.UP) -> list[str]:
    """Run to success with a new engine; the notes of what it did besides."""
    events: list[StackEvent] = []
    with bench.engine() as engine:
        result = engine.run(ref, operation, on_event=events.append)
    assert result.outcome == "succeeded", result
    return [event.message for event in events if event.kind == "note"]


def assert_clean(bench: Bench, ref: StackRef) -> None:
    """No lock, no pending entry, the state and the cloud have the same notes, and a run has nothing to do."""
    assert locks(bench) == []
    assert not has_pending_operations(bench.settings.backend_url, ref)
    with bench.engine() as engine:
        assert engine.stacks(bench.project) == [ref.stack]
        resources = engine.export(ref)["deployment"].get("resources", [])
        ids = sorted(entry["id"] for entry in resources if entry["type"] == "notes:index:Note")
        assert ids == sorted(bench.cloud.notes())
        again = engine.run(ref, Operation.UP)
    assert (again.outcome, again.changed) == ("succeeded", False), again


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_killed_creation_is_finished_by_the_next_run(bench: Bench, phase: str) -> None:
    """Killed before the cloud made it: it is made. Killed after: it is adopted, with parent and dependencies."""
    ref = bench.want("acme", first={}, second={"hold": phase}, third={"chained": True})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-second")
    assert has_pending_operations(bench.settings.backend_url, ref)
    assert len(locks(bench)) == 1
    made = set(bench.cloud.notes())

    notes = run(bench, ref)

    assert any("lock of the dead run" in note for note in notes), notes
    assert any(("1 adopted" if phase == "after" else "1 never created") in note for note in notes), notes
    assert bench.names() == ["acme-first", "acme-second", "acme-third"]
    assert made <= set(bench.cloud.notes()), "what was there is still the same"
    assert_clean(bench, ref)
    with bench.engine() as engine:
        resources = engine.export(ref)["deployment"]["resources"]
    assert next(entry for entry in resources if entry["urn"].endswith("::second"))["parent"].endswith("::shelf")


def test_without_the_lookup_a_killed_creation_is_reported_not_doubled(bench: Bench) -> None:
    """The broken twin: an engine that cannot look into the cloud refuses, and says what to look at."""
    ref = bench.want("acme", first={"hold": "after"})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-first")
    with Engine(bench.settings) as blind:
        result = blind.run(ref, Operation.UP)
    assert isinstance(result.error, RecoveryIncomplete), result
    assert "first" in result.error.message
    assert result.error.remedy
    assert bench.names() == ["acme-first"]
    run(bench, ref)
    assert_clean(bench, ref)


def test_a_killed_replacement_keeps_the_new_and_removes_the_old(bench: Bench) -> None:
    """The new half exists, the old one too: the next run adopts the new and deletes the old."""
    ref = bench.want("acme", first={"text": "old"})
    run(bench, ref)
    (old,) = bench.cloud.notes()
    bench.want("acme", first={"text": "!new", "hold": "after"})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-first")
    assert len(bench.cloud.notes()) == 2
    (new,) = set(bench.cloud.notes()) - {old}

    run(bench, ref)

    assert set(bench.cloud.notes()) == {new}
    assert_clean(bench, ref)


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_killed_update_is_finished_by_the_next_run(bench: Bench, phase: str) -> None:
    """Whether the cloud had changed it or not, the next run brings both in line."""
    ref = bench.want("acme", first={"text": "old"})
    run(bench, ref)
    bench.want("acme", first={"text": "new", "hold": phase})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-first")
    run(bench, ref)
    assert [note["text"] for note in bench.cloud.notes().values()] == ["new"]
    assert_clean(bench, ref)


def test_a_killed_destroy_is_finished_by_the_next(bench: Bench) -> None:
    """Killed when the cloud had deleted it but the engine did not know yet."""
    ref = bench.want("acme", first={"hold": "delete"}, second={"chained": True})
    run(bench, ref)
    kill_in_the_middle(bench, Operation.DESTROY, "acme", "acme-first")
    run(bench, ref, Operation.DESTROY)
    assert bench.names() == []
    assert locks(bench) == []


def test_a_killed_creation_can_be_destroyed_at_once(bench: Bench) -> None:
    """The next operation need not be up: destroy adopts first and leaves nothing."""
    ref = bench.want("acme", first={}, second={"hold": "after"})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-second")
    run(bench, ref, Operation.DESTROY)
    assert bench.names() == []


def test_a_recovery_that_was_killed_is_taken_up_again(bench: Bench) -> None:
    """The pending entries are out of the state but not settled: the file that the recovery keeps has them."""
    ref = bench.want("acme", first={}, second={"hold": "after"})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-second")
    with bench.engine() as engine:
        state = engine.export(ref)
    kept = bench.settings.runs / "notes" / "acme" / "recovery.json"
    kept.write_text(json.dumps(state["deployment"].pop("pending_operations")))
    stripped = bench.folder / "stripped.json"
    stripped.write_text(json.dumps(state))
    for arguments in (["cancel", "acme", "--yes"], ["stack", "import", "--stack", "acme", "--file", str(stripped)]):
        subprocess.run(
            [str(bench.settings.command), *arguments, "--non-interactive"],
            cwd=bench.project.folder,
            env=bench.settings.cli_environment(),
            check=True,
            capture_output=True,
        )
    assert not has_pending_operations(bench.settings.backend_url, ref)

    notes = run(bench, ref)

    assert any("1 adopted" in note for note in notes), notes
    assert_clean(bench, ref)
    assert not kept.exists()


def test_a_plain_cli_run_that_was_killed_is_recovered_too(bench: Bench) -> None:
    """What counts is the state, not who ran: a pending entry without a lock and without a record of ours is seen."""
    ref = bench.want("acme", first={"hold": "after"})
    kill_in_the_middle(bench, Operation.UP, "acme", "acme-first")
    (bench.settings.runs / "notes" / "acme" / "lock").write_text("")
    for lock in locks(bench):
        lock.unlink()
    run(bench, ref)
    assert bench.names() == ["acme-first"]
    assert_clean(bench, ref)


@pytest.mark.parametrize(
    ("holder", "word"),
    [({"pid": os.getpid()}, "process has ended"), ({"hostname": "elsewhere.example"}, "pulumi cancel")],
    ids=["alive", "elsewhere"],
)
def test_the_lock_of_a_run_that_may_be_alive_is_respected(bench: Bench, holder: Mapping[str, Any], word: str) -> None:
    """A lock of a living process or of another host is not broken: the error says whose it is and what to do."""
    ref = bench.want("acme", first={})
    run(bench, ref)
    folder = local_folder(bench.settings.backend_url)
    assert folder is not None
    content = {"pid": 1, "username": "somebody", "hostname": os.uname().nodename, "timestamp": "2999-01-01T00:00:00Z"}
    lock = folder / ".pulumi" / "locks" / "organization" / "notes" / "acme" / "of-somebody.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({**content, **holder}))
    with bench.engine() as engine:
        error = engine.run(ref, Operation.UP).error
        assert isinstance(error, ConcurrentUpdate), error
        assert word in error.remedy
        assert str(holder.get("hostname", os.getpid())) in error.message
        assert lock.exists()
        lock.unlink()
        assert engine.run(ref, Operation.UP).outcome == "succeeded"


def test_the_lock_of_a_dead_process_is_lifted(bench: Bench) -> None:
    """The positive control: the same lock, of a process that is gone, does not stop anybody."""
    ref = bench.want("acme", first={})
    run(bench, ref)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder = local_folder(bench.settings.backend_url)
    assert folder is not None
    content = {"pid": gone.pid, "username": "me", "hostname": os.uname().nodename, "timestamp": "2026-01-01T00:00:00Z"}
    lock = folder / ".pulumi" / "locks" / "organization" / "notes" / "acme" / "of-a-dead-run.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps(content))
    assert any("lock of the dead run" in note for note in run(bench, ref))
    assert_clean(bench, ref)


def test_a_run_that_outlives_its_owner_is_ended_by_the_next(bench: Bench) -> None:
    """The command is killed while the provider hangs: the next run waits a little, ends what is left, and recovers."""
    ref = bench.want("acme", first={"hold": "after"})
    bench.close_gate()
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.drive_notes", str(save_bench(bench)), "up", "acme"],
        cwd=ROOT,
        env=dict(os.environ),
    )
    bench.wait_until_reached("acme-first")
    driver.kill()
    driver.wait()
    run(bench, ref)
    bench.open_gate()
    assert bench.names() == ["acme-first"]
    assert_clean(bench, ref)
