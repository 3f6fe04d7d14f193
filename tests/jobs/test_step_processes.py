"""Steps run in processes of their own, which end with the one that they were forked from."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.jobs import JobFailure
from infra.jobs.processes.pool import StepPool
from infra.lifecycle.failures import FailureClass
from tests.jobs.job_bench import lives, wait_for
from tests.jobs.scripted_steps import act, kept, reread

TARGET = f"{act.__module__}:{act.__name__}"


@pytest.fixture(name="pool")
def _pool(tmp_path: Path) -> Generator[StepPool]:
    with (tmp_path / "held").open("w") as held:
        pool = StepPool(dict(os.environ), ["tests.jobs.scripted_steps"], held.fileno())
        yield pool
        pool.close()


def _call(folder: Path, operation: str, **arguments: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"operation": operation, "tenant": "acme", "step": "build", "attempt": 1, "results": {}}
    return {**fields, "arguments": {"folder": str(folder), **arguments}}


def test_result_and_progress(pool: StepPool, tmp_path: Path) -> None:
    (tmp_path / "open-op").touch()
    seen: list[tuple[int, int]] = []
    answer = pool.run(TARGET, _call(tmp_path, "op", hold="build"), 30, lambda done, total: seen.append((done, total)))
    assert answer == {"result": "build of op, after 0"}
    assert seen == [(1, 2)]


def test_what_changes_meanwhile_is_read_before_each_step(tmp_path: Path) -> None:
    """By the warm process, so that a step finds what it kept; one that cannot be read hinders no step."""
    written = tmp_path / "written"
    targets = [f"{reread.__module__}:{name}" for name in (reread.__name__, "gone")]
    environment = {**os.environ, "REREAD": str(written)}
    with (tmp_path / "held").open("w") as held, closing(StepPool(environment, [], held.fileno(), targets)) as pool:
        for content in ("one", "two"):
            written.write_text(content)
            answer = pool.run(
                f"{reread.__module__}:{kept.__name__}", _call(tmp_path, "op"), 30, lambda _done, _all: None
            )
            assert answer == {"result": content}
        written.unlink()
        answer = pool.run(f"{reread.__module__}:{kept.__name__}", _call(tmp_path, "op"), 30, lambda _done, _all: None)
        assert answer == {"result": "two"}


def test_what_a_step_raises_is_told_by_class(pool: StepPool, tmp_path: Path) -> None:
    answer = pool.run(TARGET, _call(tmp_path, "op", fails={"build": ["quota", 1]}), 30, lambda _done, _total: None)
    assert answer == JobFailure(FailureClass.QUOTA, "failed for the 1. time", "try again")


def test_a_step_that_does_not_exist_is_a_defect(pool: StepPool, tmp_path: Path) -> None:
    answer = pool.run("tests.jobs.scripted_steps:gone", _call(tmp_path, "op"), 30, lambda _done, _total: None)
    assert isinstance(answer, JobFailure)
    assert answer.failure_class is FailureClass.INTERNAL
    assert "gone" in answer.message


def test_steps_die_with_the_warm_process_and_another_takes_its_place(pool: StepPool, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        call = _call(tmp_path, "op", hold="build")
        running = threads.submit(pool.run, TARGET, call, 30.0, lambda _done, _total: None)
        wait_for((tmp_path / "reached-op").exists, "the step in its middle")
        step = int((tmp_path / "starts").read_text().split()[-1])
        warm = psutil.Process(step).ppid()
        assert os.getpid() == psutil.Process(warm).ppid()
        os.kill(warm, signal.SIGKILL)
        answer = running.result()
    assert isinstance(answer, JobFailure)
    assert answer.failure_class is FailureClass.TRANSIENT
    wait_for(lambda: not lives(step), "the end of the step")
    os.kill(int((tmp_path / "children").read_text()), signal.SIGKILL)
    assert pool.run(TARGET, _call(tmp_path, "next"), 30, lambda _done, _total: None) == {
        "result": "build of next, after 0"
    }
