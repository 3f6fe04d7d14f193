"""The database killed under a working worker: the worker ends itself, and the next one finishes what was begun."""

from __future__ import annotations

import signal

from infra.jobs import JobStatus
from tests.jobs.job_bench import Bench, lives, wait_for
from tests.jobs.scripted_steps import NAMES
from tests.own_postgresql import OwnPostgresql


def test_worker_without_its_database_ends_with_its_steps(postgresql: OwnPostgresql, postgres_bench: Bench) -> None:
    bench = postgres_bench
    bench.tickets.enqueue(bench.request("running", hold="check"))
    bench.tickets.enqueue(bench.request("waiting"))
    worker = bench.start_worker()
    bench.wait_until_reached("running")
    step = int(bench.lines("starts")[-1].split()[-1])
    postgresql.kill()
    wait_for(lambda: worker.poll() is not None, "the end of the worker")
    assert worker.returncode == -signal.SIGKILL
    wait_for(lambda: not lives(step), "the end of the step")
    postgresql.start_again()
    bench.let_go("running")
    bench.start_worker()
    records = bench.wait_until_ended("running", "waiting")
    assert {record.status for record in records} == {JobStatus.SUCCEEDED}
    assert bench.lines("effects") == [f"{name} {step}" for name in ("running", "waiting") for step in NAMES]
