"""Runs that are interrupted: by Ctrl-C, by another thread, by the death of whoever ordered them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra.engine import Engine, Operation, StackResult
from infra.engine.local_state import has_pending_operations
from infra.processes.sessions import members
from tests.engine.notes_bench import Bench, save_bench, wait_for

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start_driver(bench: Bench) -> Iterator[Start]:
    """Run stacks from another process, as the command line does."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        driver = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.drive_notes", str(save_bench(bench)), *arguments],
            cwd=Path(__file__).parents[2],
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(driver)
        return driver

    yield start
    for driver in started:
        driver.kill()
        driver.communicate()


def test_a_run_is_interrupted_from_another_thread(bench: Bench, engine: Engine) -> None:
    """What is on its way is finished, the rest is not begun, the outcome is cancelled; the next run completes."""
    bench.close_gate()
    ref = bench.want("acme", first={"hold": "before"}, second={"chained": True})
    results: list[StackResult] = []
    running = threading.Thread(target=lambda: results.append(engine.run(ref, Operation.UP)))
    running.start()
    bench.wait_until_reached("acme-first")
    engine.interrupt(ref)
    bench.wait_until_interrupted("acme")
    bench.open_gate()
    running.join()
    assert results[0].outcome == "cancelled", results
    assert results[0].error is None
    assert bench.names() == ["acme-first"]
    assert not has_pending_operations(bench.settings.backend_url, ref)
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert bench.names() == ["acme-first", "acme-second"]


def test_ctrl_c_ends_a_run_quietly(bench: Bench, start_driver: Start) -> None:
    """SIGINT to the command: it reports a cancelled run and prints nothing else; no process is left."""
    bench.close_gate()
    bench.want("acme", first={"hold": "before"}, second={"chained": True})
    driver = start_driver("up", "acme")
    bench.wait_until_reached("acme-first")
    driver.send_signal(signal.SIGINT)
    bench.wait_until_interrupted("acme")
    bench.open_gate()
    out, err = driver.communicate()
    assert out.split() == ["acme", "cancelled"]
    assert err == ""
    assert bench.names() == ["acme-first"]
    wait_for(lambda: not bench.processes())


def test_ctrl_c_cancels_all_stacks_and_starts_no_more(bench: Bench, start_driver: Start) -> None:
    """Those that run are cancelled, those that wait for their turn are not begun."""
    bench.close_gate()
    for stack in ("one", "two", "three"):
        bench.want(stack, first={"hold": "before"}, second={"chained": True})
    driver = start_driver("up", "one", "two", "three", "--parallel", "2")
    bench.wait_until_reached("one-first")
    bench.wait_until_reached("two-first")
    driver.send_signal(signal.SIGINT)
    bench.wait_until_interrupted("one")
    bench.wait_until_interrupted("two")
    bench.open_gate()
    out, err = driver.communicate()
    assert sorted(out.splitlines()) == ["one cancelled", "three cancelled", "two cancelled"], err
    assert err == ""
    assert bench.names() == ["one-first", "two-first"]


def test_the_death_of_the_command_ends_all_that_it_started(bench: Bench, start_driver: Start) -> None:
    """Kill -9 of the command alone: worker and engine see it and end, whatever the provider is waiting for."""
    bench.close_gate()
    bench.want("acme", first={"hold": "before"})
    driver = start_driver("up", "acme")
    bench.wait_until_reached("acme-first")
    assert bench.processes(), "the check below must be able to see them"
    driver.kill()
    driver.communicate()
    wait_for(lambda: not bench.processes())


def test_the_death_of_a_worker_is_told_and_leaves_nothing(bench: Bench, engine: Engine) -> None:
    """Kill -9 of the worker alone: the run fails with an error that says so, and its engine is gone."""
    bench.close_gate()
    ref = bench.want("acme", first={"hold": "before"})
    results: list[StackResult] = []
    running = threading.Thread(target=lambda: results.append(engine.run(ref, Operation.UP)))
    running.start()
    bench.wait_until_reached("acme-first")
    worker = next(pid for pid in bench.processes() if os.getsid(pid) == pid and members(pid))
    os.kill(worker, signal.SIGKILL)
    running.join()
    assert type(results[0].error).__name__ == "WorkerDied"
    wait_for(lambda: not members(worker))
    bench.open_gate()
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert bench.names() == ["acme-first"]
