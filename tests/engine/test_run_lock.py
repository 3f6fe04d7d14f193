"""The lock of a stack's runs: who holds it, when it is free, what it remembers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.engine import Operation, Project, StackRef
from infra.engine.errors import StackBusy
from infra.engine.run_lock import RunRecord, left_over_record, run_lock

REF = StackRef(project=Project(name="p", folder=Path("/nowhere")), stack="acme")


def test_it_is_exclusive_unless_shared(tmp_path: Path) -> None:
    """Two runs exclude each other; two previews do not; a preview and a run do."""
    path = tmp_path / "runs" / "lock"
    with run_lock(path, REF), pytest.raises(StackBusy), run_lock(path, REF):
        pass
    with run_lock(path, REF, shared=True), run_lock(path, REF, shared=True), pytest.raises(StackBusy):
        run_lock(path, REF).__enter__()


def test_whoever_inherits_it_holds_it(tmp_path: Path) -> None:
    """A child that got the descriptor keeps the stack busy when its parent has let go; its death frees it."""
    path = tmp_path / "lock"
    with run_lock(path, REF) as lock:
        lock.begin(Operation.UP)
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock.descriptor])
    with pytest.raises(StackBusy, match=f"`up` by process {os.getpid()}"), run_lock(path, REF):
        pass
    child.communicate()
    with run_lock(path, REF) as lock:
        assert lock.interrupted is not None


def test_it_remembers_a_run_that_did_not_end_in_order(tmp_path: Path) -> None:
    """A record that stays means a dead run; one that was taken back does not."""
    path = tmp_path / "lock"
    with run_lock(path, REF) as lock:
        assert lock.interrupted is None
        lock.begin(Operation.DESTROY)
        assert left_over_record(path) is None, "it is still going on"
    record = left_over_record(path)
    assert record is not None
    assert record.operation == "destroy"
    with run_lock(path, REF) as lock:
        assert lock.interrupted == record
        lock.begin(Operation.UP)
        lock.finish()
    with run_lock(path, REF) as lock:
        assert lock.interrupted is None


def test_a_record_that_cannot_be_read_counts_as_a_dead_run(tmp_path: Path) -> None:
    """A torn write is no reason to forget that something was going on."""
    path = tmp_path / "lock"
    path.write_text('{"pid": 12')
    with run_lock(path, REF) as lock:
        assert lock.interrupted is not None


def test_what_a_dead_owner_left_behind_is_ended(tmp_path: Path) -> None:
    """The owner is dead but a process of its run hangs: it is given a while, then killed."""
    path = tmp_path / "lock"
    with run_lock(path, REF) as lock:
        hanging = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lock.descriptor])
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        record = {"pid": gone.pid, "born": 1.0, "operation": "up", "since": "2026-01-01T00:00:00+00:00"}
        path.write_text(json.dumps(record))
    with run_lock(path, REF) as lock:
        assert lock.interrupted is not None
    assert hanging.wait() < 0


def test_a_recycled_process_id_is_not_the_owner() -> None:
    """The time of birth tells."""
    here = psutil.Process()
    assert RunRecord(here.pid, here.create_time(), "up", "").owner_lives()
    assert not RunRecord(here.pid, here.create_time() - 3600, "up", "").owner_lives()
