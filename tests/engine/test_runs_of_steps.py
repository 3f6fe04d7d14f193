"""Engine runs of a job's steps: forked from the process that the step was forked from, and ended with what ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.engine.workers.warm import WORKER
from infra.jobs import JobFailure
from infra.jobs.processes.pool import StepPool
from infra.lifecycle.failures import FailureClass
from tests.engine.engine_steps import run
from tests.engine.notes_bench import Bench, save_bench, wait_for

TARGET = f"{run.__module__}:{run.__name__}"
PRELOAD = (WORKER, "tests.engine.notes_provider", run.__module__)


@pytest.fixture(name="steps")
def _steps(tmp_path: Path) -> Generator[StepPool]:
    with (tmp_path / "held").open("w") as held:
        # Nothing of what the bench's settings say of the program's environment is in that of the steps.
        pool = StepPool({"PATH": os.defpath, "HOME": str(tmp_path)}, PRELOAD, held.fileno())
        yield pool
        pool.close()


def _run(steps: StepPool, bench: Bench, stack: str) -> dict[str, Any] | JobFailure:
    call: dict[str, Any] = {"operation": "op", "tenant": stack, "step": "apply", "attempt": 1, "results": {}}
    call["arguments"] = {"bench": str(save_bench(bench))}
    return steps.run(TARGET, call, 120.0, lambda _done, _total: None)


def _held(threads: ThreadPoolExecutor, steps: StepPool, bench: Bench) -> Future[dict[str, Any] | JobFailure]:
    """Bring a run into its middle."""
    bench.want("acme", one={}, two={"hold": "before"})
    bench.close_gate()
    running = threads.submit(_run, steps, bench, "acme")
    bench.wait_until_reached("acme-two")
    return running


def _warm_process(bench: Bench) -> psutil.Process:
    """The parent of both the step, which holds the run's lock, and the worker that the step has ordered."""
    (warm,) = {parent.pid for pid in bench.processes() if (parent := psutil.Process(pid).parent()) is not None} & {
        child.pid for child in psutil.Process().children()
    }
    return psutil.Process(warm)


def test_programs_import_nothing_anew_and_have_their_own_environment(steps: StepPool, bench: Bench) -> None:
    bench.want("acme", one={})
    assert _run(steps, bench, "acme") == {"result": "succeeded"}
    assert bench.names() == ["acme-one"]
    assert not (bench.settings.runs / "warm.log").exists(), "no other process was warmed up"
    with bench.engine() as engine:
        bench.want("other")
        engine.warm(bench.project)
    assert (bench.settings.runs / "warm.log").exists(), "outside of a step there is one"


def test_a_step_that_is_killed_ends_its_run(steps: StepPool, bench: Bench) -> None:
    with ThreadPoolExecutor() as threads:
        running = _held(threads, steps, bench)
        warm = _warm_process(bench)
        sessions = {os.getsid(pid) for pid in bench.processes()}
        step = next(child for child in warm.children() if child.cmdline() and _orders_a_run(child, bench))
        assert len(sessions) >= 2, "the run is in a session of its own"
        step.kill()
        failed = running.result()
        assert isinstance(failed, JobFailure)
        assert failed.failure_class is FailureClass.TRANSIENT
        wait_for(lambda: bench.processes() == [])
        assert warm.is_running()
    bench.open_gate()
    assert _run(steps, bench, "acme") == {"result": "succeeded"}
    assert bench.names() == ["acme-one", "acme-two"]


def test_runs_end_with_the_warm_process(steps: StepPool, bench: Bench) -> None:
    with ThreadPoolExecutor() as threads:
        running = _held(threads, steps, bench)
        os.kill(_warm_process(bench).pid, signal.SIGKILL)
        assert isinstance(running.result(), JobFailure)
        wait_for(lambda: bench.processes() == [])
    bench.open_gate()
    assert _run(steps, bench, "acme") == {"result": "succeeded"}
    assert bench.names() == ["acme-one", "acme-two"]


def _orders_a_run(process: psutil.Process, bench: Bench) -> bool:
    """Whether it is the step: it holds the lock, and has no engine below it."""
    return process.pid in bench.processes() and not process.children()
