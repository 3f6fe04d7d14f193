"""Workers killed in the middle of each step: the operations end as if nothing had happened."""

from __future__ import annotations

import dataclasses

from infra.jobs import JobStatus
from infra.lifecycle.failures import FailureClass
from tests.jobs.job_bench import Bench, lives, wait_for
from tests.jobs.scripted_steps import NAMES

#: One operation stands in each step, before and after the step has had its effect, when the worker is killed.
MOMENTS = {f"{moment}-{step}": (moment, step) for step in NAMES for moment in ("hold", "hold-after")}


def _stop_in_each_step(bench: Bench) -> list[int]:
    """Bring operations into the middle of each step.

    Returns:
        The processes that the worker started for them, and those that the steps started.
    """
    for name, (moment, step) in MOMENTS.items():
        bench.tickets.enqueue(bench.request(name, tenant=name, **{moment: step}))
    for name in MOMENTS:
        bench.wait_until_reached(name)
    held = {line.split()[0]: int(line.split()[-1]) for line in bench.lines("starts")}
    children = [int(line) for line in bench.lines("children")]
    assert len(held) == len(children) == len(MOMENTS)
    assert all(lives(pid) for pid in [*held.values(), *children])
    return [*held.values(), *children]


def _require_one_outcome_each(bench: Bench) -> None:
    for record in bench.wait_until_ended(*MOMENTS):
        assert (record.status, record.percent, record.steps_done) == (JobStatus.SUCCEEDED, 100, 4)
    for name, (_, step) in MOMENTS.items():
        assert [line for line in bench.lines("effects") if line.split()[0] == name] == [f"{name} {s}" for s in NAMES]
        started = [line.split()[1] for line in bench.lines("starts") if line.split()[0] == name]
        assert started == sorted([*NAMES, step], key=NAMES.index), "only the step that was killed runs again"


def test_killed_in_each_step_and_restarted(bench: Bench) -> None:
    first = bench.start_worker()
    processes = _stop_in_each_step(bench)
    bench.kill(first)
    for pid in processes:
        wait_for(lambda pid=pid: not lives(pid), "the end of what the worker had started")
    assert {record.status for record in bench.tickets.list()} == {JobStatus.ADMITTED}
    for name in MOMENTS:
        bench.let_go(name)
    bench.start_worker()
    _require_one_outcome_each(bench)


def test_another_worker_takes_over(bench: Bench) -> None:
    first = bench.start_worker()
    processes = _stop_in_each_step(bench)
    second = bench.start_worker()
    bench.wait_until_working(second)
    starts = len(bench.lines("starts"))
    bench.kill(first)
    for pid in processes:
        wait_for(lambda pid=pid: not lives(pid), "the end of what the worker had started")
    for name in MOMENTS:
        bench.let_go(name)
    _require_one_outcome_each(bench)
    assert len(bench.lines("starts")) > starts
    assert second.poll() is None


def test_worker_that_ends_in_order_leaves_its_step_to_the_next(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.tickets.enqueue(bench.request("op", hold="build"))
    first = bench.start_worker()
    bench.wait_until_reached("op")
    first.terminate()
    first.wait()
    assert bench.tickets.get("op").status is JobStatus.ADMITTED
    bench.let_go("op")
    bench.start_worker()
    (record,) = bench.wait_until_ended("op")
    assert record.status is JobStatus.SUCCEEDED
    assert bench.lines("effects") == [f"op {name}" for name in NAMES]


def test_an_operation_that_kills_its_workers_is_given_up_and_holds_up_nobody(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    bench.settings = dataclasses.replace(bench.settings, max_recoveries=1)
    bench.tickets.enqueue(bench.request("deadly", hold="build"))
    for attempt in (1, 2):
        worker = bench.start_worker()
        wait_for(lambda n=attempt: len(bench.lines("children")) == n, "the step in its middle")
        bench.kill(worker)
    bench.tickets.enqueue(bench.request("next"))
    bench.start_worker()
    deadly, following = bench.wait_until_ended("deadly", "next")
    assert deadly.failure is not None
    assert (deadly.failure.failure_class, "given up" in deadly.failure.message) == (FailureClass.INTERNAL, True)
    assert following.status is JobStatus.SUCCEEDED
