"""A warm process forks what is ordered, is replaced when killed, and ends with its owner, also while it imports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.processes import Channel, WarmProcess
from tests.processes.warm_scripts import MAIN, NEVER_READY

_PATIENCE_SECONDS = 60.0


@pytest.fixture(name="warm")
def _warm(tmp_path: Path) -> Generator[WarmProcess]:
    process = WarmProcess(MAIN, dict(os.environ), [], log=tmp_path / "warm.log")
    yield process
    process.close()


def _ordered(warm: WarmProcess) -> tuple[Channel, dict[str, Any]]:
    channel = warm.order()
    told = channel.receive()
    assert told is not None
    return channel, told


def _wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_forked_processes_share_their_parent_and_lead_sessions(warm: WarmProcess) -> None:
    (one, first), (other, second) = _ordered(warm), _ordered(warm)
    assert first["warm"] == second["warm"]
    assert first["pid"] == first["session"] != second["session"]
    assert first["dies_by_sigterm"], "what the warm process ignores is its own matter"
    assert first["descriptors"] == second["descriptors"], "neither keeps what the other has"
    one.close()
    other.close()
    _wait_for(lambda: not _lives(first["pid"]) and not _lives(second["pid"]))


def test_what_a_process_leaves_running_is_ended(warm: WarmProcess) -> None:
    channel, told = _ordered(warm)
    channel.send({"leave a child": True})
    assert channel.receive() is None
    _wait_for(lambda: not [pid for pid in psutil.pids() if _session(pid) == told["session"]])


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def test_one_that_was_killed_is_replaced(warm: WarmProcess) -> None:
    channel, told = _ordered(warm)
    os.kill(told["warm"], signal.SIGKILL)
    channel.close()
    _wait_for(lambda: not _lives(told["warm"]))
    channel, again = _ordered(warm)
    channel.close()
    assert again["warm"] != told["warm"]


def test_a_ready_one_is_ended_by_its_owner_alone(warm: WarmProcess) -> None:
    channel, told = _ordered(warm)
    os.kill(told["warm"], signal.SIGTERM)
    other, again = _ordered(warm)
    assert again["warm"] == told["warm"]
    warm.close()
    assert not _lives(told["warm"])
    assert channel.receive() is None, "what it forked has been ended"
    assert other.receive() is None


def test_one_that_still_imports_is_ended_at_once(tmp_path: Path) -> None:
    never = WarmProcess(MAIN, dict(os.environ), [NEVER_READY], log=tmp_path / "warm.log")
    channel = never.order()
    never.close()
    assert channel.receive() is None, "its order is not taken any more"


def test_it_ends_with_its_owner(tmp_path: Path) -> None:
    owner = (
        "import os, signal, sys; from pathlib import Path; from infra.processes import WarmProcess; "
        "warm = WarmProcess(sys.argv[1], dict(os.environ), [], log=Path(sys.argv[2])); channel = warm.order(); "
        "told = channel.receive(); print(told['warm'], told['pid'], flush=True); signal.pause()"
    )
    command = [sys.executable, "-c", owner, MAIN, str(tmp_path / "warm.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pids = [int(pid) for pid in process.stdout.readline().split()]
        lived = [_lives(pid) for pid in pids]
        process.kill()
    assert lived == [True, True]
    _wait_for(lambda: not any(_lives(pid) for pid in pids))


def test_what_cannot_be_imported_is_told_in_the_log(tmp_path: Path) -> None:
    warm = WarmProcess(MAIN, dict(os.environ), ["no_such_module"], log=tmp_path / "warm.log")
    channel, _ = _ordered(warm)
    channel.close()
    warm.close()
    assert "cannot prepare no_such_module ahead of time" in (tmp_path / "warm.log").read_text()
    assert (tmp_path / "warm.log").stat().st_mode & 0o777 == 0o600
