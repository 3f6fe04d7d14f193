"""Processes that end are started again; all of them end with their supervisor, in order or not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from waiting import lives, wait_for

from infra.service.supervision.child import ChildState
from infra.service.supervision.status import read_status
from infra.service.supervision.supervisor import Patience

SUPERVISOR = Path(__file__).with_name("run_supervisor.py")
NAMES = ("one", "two")


class Bench:
    """A folder, and supervisors of two processes in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, str(SUPERVISOR), str(self.folder), *NAMES]
        started = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._started.append(started)
        return started

    def start_and_wait(self) -> subprocess.Popen[str]:
        started = self.start()
        wait_for((self.folder / "all-ready").exists, "both processes")
        return started

    def pids(self, name: str) -> list[int]:
        path = self.folder / f"{name}-pids"
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def all_pids(self) -> list[int]:
        return [pid for name in NAMES for pid in self.pids(name)]

    def set(self, what: str) -> None:
        (self.folder / what).touch()

    def close(self) -> None:
        for started in self._started:
            with started:
                started.kill()
        for pid in self.all_pids():
            wait_for(lambda pid=pid: not lives(pid), f"the end of {pid}")


@pytest.fixture
def bench(tmp_path: Path) -> Generator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_process_that_is_killed_is_started_again_and_told(bench: Bench) -> None:
    bench.start_and_wait()
    (first,) = bench.pids("one")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: len(bench.pids("one")) == 2, "another process")
    wait_for(lambda: read_status(bench.folder)["one"].state is ChildState.RUNNING, "its word")
    status = read_status(bench.folder)
    assert (status["one"].restarts, status["one"].last_exit) == (1, -signal.SIGKILL)
    assert status["one"].pid == bench.pids("one")[-1]
    assert (status["two"].restarts, status["two"].last_exit) == (0, None)


def test_while_a_process_is_down_the_status_says_so(bench: Bench) -> None:
    """It refuses to come back: it is tried again and again, the other goes on, and nobody is told that it runs."""
    bench.start_and_wait()
    bench.set("one-refuses")
    os.kill(bench.pids("one")[0], signal.SIGKILL)
    wait_for(lambda: read_status(bench.folder)["one"].restarts >= 3, "three attempts")
    assert read_status(bench.folder)["one"].state is not ChildState.RUNNING
    assert read_status(bench.folder)["two"].state is ChildState.RUNNING
    (bench.folder / "one-refuses").unlink()
    wait_for(lambda: read_status(bench.folder)["one"].state is ChildState.RUNNING, "its return")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_all_in_order(bench: Bench, number: signal.Signals) -> None:
    supervisor = bench.start_and_wait()
    supervisor.send_signal(number)
    assert supervisor.wait() == 0
    assert not any(lives(pid) for pid in bench.all_pids())
    assert all((bench.folder / f"{name}-ended-in-order").exists() for name in NAMES)


def test_a_process_that_does_not_stop_is_killed(bench: Bench) -> None:
    bench.set("one-is-deaf")
    supervisor = bench.start_and_wait()
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait() == 0
    assert not any(lives(pid) for pid in bench.all_pids())
    assert not (bench.folder / "one-ended-in-order").exists()


def test_killed_it_takes_all_with_it(bench: Bench) -> None:
    """SIGKILL runs no handler: each process sees by itself that its starter is gone."""
    supervisor = bench.start_and_wait()
    supervisor.kill()
    supervisor.wait()
    for pid in bench.all_pids():
        wait_for(lambda pid=pid: not lives(pid), f"the end of {pid}")
    assert all((bench.folder / f"{name}-ended-in-order").exists() for name in NAMES)


def test_a_process_without_the_lifeline_would_stay(tmp_path: Path) -> None:
    """The twin that shows what ends the others: the same process, which does not look whether its starter lives."""
    source = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        child = int(starter.stdout.readline())
        starter.kill()
        starter.wait()
    try:
        assert lives(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_second_one_is_refused_while_the_first_lives_and_takes_over_from_a_killed_one(bench: Bench) -> None:
    first = bench.start_and_wait()
    second = bench.start()
    _, said = second.communicate()
    assert second.returncode == 1
    assert f"a service of this home runs already, in process {first.pid}" in said
    assert "BULKHEAD_HOME" in said
    first.kill()
    first.wait()
    before = bench.all_pids()
    bench.start()
    wait_for(lambda: len(bench.all_pids()) == 4, "the processes of another one")
    assert not any(lives(pid) for pid in before), "it waits for what the killed one had started"


def test_a_process_that_never_worked_ends_the_start_with_its_words(bench: Bench) -> None:
    bench.set("two-refuses")
    supervisor = bench.start()
    _, said = supervisor.communicate()
    assert supervisor.returncode == 1
    assert "the process two ended with 1 before it worked" in said
    assert "error: the database is not there" in said
    assert not any(lives(pid) for pid in bench.all_pids())


def test_pauses_grow_to_the_longest() -> None:
    patience = Patience(first_pause=0.5, longest_pause=30.0)
    assert [patience.pause(failures) for failures in (1, 2, 3, 7, 1000)] == [0.5, 1.0, 2.0, 30.0, 30.0]
