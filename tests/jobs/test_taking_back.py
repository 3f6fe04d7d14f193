"""Jobs that stop midway are put back where their plan says how; jobs that rest go on at their time."""

from __future__ import annotations

import pytest

from infra.jobs import JobStatus
from infra.lifecycle.failures import FailureClass
from tests.jobs.job_bench import Bench, wait_for
from tests.jobs.scripted_steps import NAMES


@pytest.fixture(name="worked")
def _worked(sqlite_bench: Bench) -> Bench:
    bench = sqlite_bench
    bench.tickets.enqueue(bench.request("failed", tenant="a", kind="change", fails={"check": ["user", 1]}))
    bench.tickets.enqueue(bench.request("first", tenant="b", kind="change", fails={"prepare": ["user", 1]}))
    fails = {"build": ["quota", 1], "put back": ["capacity", 1]}
    bench.tickets.enqueue(bench.request("stuck", tenant="c", kind="change", fails=fails))
    bench.tickets.enqueue(bench.request("cancelled", tenant="d", kind="change", hold="build"))
    bench.tickets.enqueue(
        bench.request("retried", tenant="e", kind="change", fails={**fails, "put back": ["transient", 1]})
    )
    bench.tickets.enqueue(bench.request("rests", tenant="f", kind="rest", seconds=0.2))
    bench.tickets.enqueue(bench.request("sleeps", tenant="g", kind="rest", seconds=3600))
    bench.start_worker()
    return bench


def test_what_becomes_of_each(worked: Bench) -> None:
    worked.wait_until_reached("cancelled")
    assert worked.tickets.cancel("cancelled") is JobStatus.ADMITTED
    worked.let_go("cancelled")
    worked.wait_until_ended("failed", "first", "stuck", "cancelled", "retried", "rests")
    ends = {record.request.id: (record.status, record.steps_done) for record in worked.tickets.list()}
    assert ends == {
        "failed": (JobStatus.FAILED, 2),
        "first": (JobStatus.FAILED, 0),
        "stuck": (JobStatus.FAILED, 1),
        "cancelled": (JobStatus.CANCELLED, 2),
        "retried": (JobStatus.FAILED, 1),
        "rests": (JobStatus.SUCCEEDED, 2),
        "sleeps": (JobStatus.WAITING, 1),
    }
    undone = {line.split()[0]: line.split()[1] for line in worked.lines("undone")}
    assert undone == {"first": "prepare", "failed": "check", "stuck": "build", "cancelled": "check", "retried": "build"}
    effects = worked.lines("effects")
    assert {name for name in ends if f"{name} put back" in effects} == {"first", "failed", "cancelled", "retried"}
    stuck = worked.tickets.get("stuck").failure
    assert stuck is not None
    assert stuck.failure_class is FailureClass.CAPACITY
    assert "failed for the 1. time; putting back" in stuck.message


def test_one_that_rests_gives_its_turn_away_and_can_be_cancelled(worked: Bench) -> None:
    rested = worked.wait_until_ended("rests")[0]
    assert rested.results["rest"] == {"attempt": 1, "results": {"prepare": "prepare of rests, after 0"}}
    assert [line.split()[1] for line in worked.lines("starts") if line.split()[0] == "rests"] == [
        "prepare",
        "rest",
        "rest",
    ]
    wait_for(lambda: worked.tickets.get("sleeps").rests == 1, "a job that sleeps")
    assert worked.tickets.cancel("sleeps") is JobStatus.WAITING
    worked.wait_until_ended("sleeps")
    assert worked.tickets.get("sleeps").status is JobStatus.CANCELLED
    worked.tickets.cancel("cancelled")
    worked.let_go("cancelled")
    worked.wait_until_ended("cancelled")


def test_a_worker_killed_while_it_puts_back_and_while_a_job_rests(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    fails = {"build": ["user", 1]}
    bench.tickets.enqueue(bench.request("undone", tenant="a", kind="change", fails=fails, hold="put back"))
    bench.tickets.enqueue(bench.request("rests", tenant="b", kind="rest", seconds=1.0))
    first = bench.start_worker()
    bench.wait_until_reached("undone")
    wait_for(lambda: bench.tickets.get("rests").rests == 1, "a job that rests")
    bench.kill(first)
    bench.let_go("undone")
    bench.start_worker()
    undone, rests = bench.wait_until_ended("undone", "rests")
    assert (undone.status, rests.status) == (JobStatus.FAILED, JobStatus.SUCCEEDED)
    assert undone.failure is not None
    assert undone.failure.message == "failed for the 1. time"
    assert [line for line in bench.lines("effects") if line.startswith("undone ")] == [
        f"undone {NAMES[0]}",
        "undone put back",
    ]
