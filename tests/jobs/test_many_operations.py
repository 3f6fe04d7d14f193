"""200 operations with duplicates, asked for by several callers at once: each runs once, and the callers take turns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.jobs import JobStatus
from tests.jobs.job_bench import Bench, wait_for
from tests.jobs.scripted_steps import be_alone

CALLERS = {"ann": 140, "bob": 30, "cleo": 20, "dan": 10}
TENANTS = 15


def _ask(bench: Bench) -> list[str]:
    """Ask for all operations, each one up to three times, from threads, before a worker is there."""
    requests = [
        bench.request(f"{caller}-{number}", f"{caller}-{number % TENANTS}", caller, "short", alone=True)
        for caller, count in CALLERS.items()
        for number in range(count)
    ]
    repeated = [*requests, *requests[::2], *reversed(requests[::3])]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bench.tickets.enqueue, repeated))
    assert len(bench.tickets.list()) == len(requests) == 200
    return [request.id for request in requests]


def _require_once_and_fair(bench: Bench, names: list[str]) -> None:
    records = bench.tickets.list()
    assert {record.status for record in records} == {JobStatus.SUCCEEDED}, [r.failure for r in records]
    assert sorted(bench.lines("effects")) == sorted(f"{name} only" for name in names)
    order = [record.request.caller for record in sorted(records, key=lambda record: record.turn or 0)]
    assert sorted(record.turn or 0 for record in records) == list(range(1, 201))
    # Four callers take turns, so that the small ones are through long before the 140 of the large one.
    assert min(order[:40].count(caller) for caller in CALLERS) >= 5, order[:40]
    assert "bob" not in order[130:]


def test_three_workers_on_one_postgres_and_one_is_killed(postgres_bench: Bench) -> None:
    bench = postgres_bench
    names = _ask(bench)
    workers = [bench.start_worker() for _ in range(3)]
    wait_for(lambda: len(bench.lines("effects")) > 60, "a third of the operations")
    for worker in workers:
        bench.wait_until_working(worker)
    bench.kill(workers[0])
    wait_for(lambda: len(bench.lines("effects")) >= 200, "all operations")
    bench.wait_until_ended(*names)
    _require_once_and_fair(bench, names)
    assert all(worker.poll() is None for worker in workers[1:])


def test_one_worker_on_sqlite(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    names = _ask(bench)
    bench.start_worker()
    bench.wait_until_ended(*names)
    _require_once_and_fair(bench, names)
    assert len(bench.lines("starts")) == 200


def test_the_check_for_one_at_a_time_finds_two(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads, pytest.raises(BlockingIOError):
        list(threads.map(be_alone, [tmp_path, tmp_path], ["acme", "acme"]))
