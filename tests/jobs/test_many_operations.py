"""200 operations with duplicates, asked for by several callers at once: each runs once, and the callers take turns."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

from infra.jobs import OperationStatus
from tests.jobs.bench import Bench, wait_for

CALLERS = {"ann": 140, "bob": 30, "cleo": 20, "dan": 10}
TENANTS = 60


def _ask(bench: Bench) -> list[str]:
    """Ask for all operations, each one up to three times, from threads, before a worker is there."""
    requests = [
        bench.request(f"{caller}-{number}", f"tenant-{(number * 7) % TENANTS}", caller, "short", alone=True)
        for caller, count in CALLERS.items()
        for number in range(count)
    ]
    names = [request.id for request in requests]
    dice = random.Random(6)
    repeated = requests + dice.sample(requests, 150) + dice.sample(requests, 50)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bench.tickets.enqueue, repeated))
    assert len(bench.tickets.list()) == len(names) == 200
    return names


def _require_once_and_fair(bench: Bench, names: list[str]) -> None:
    records = bench.tickets.list()
    assert {record.status for record in records} == {OperationStatus.SUCCEEDED}, [r.failure for r in records]
    assert sorted(bench.lines("effects")) == sorted(f"{name} only" for name in names)
    assert len(bench.lines("starts")) == 200
    order = [record.request.caller for record in sorted(records, key=lambda record: record.turn or 0)]
    assert sorted(record.turn or 0 for record in records) == list(range(1, 201))
    # Among four callers a small one never waits for the large one's 140: of the first 40 turns each small one got its share.
    for caller in ("bob", "cleo", "dan"):
        assert order[:40].count(caller) >= 8, order[:40]


def test_three_workers_on_one_postgres_and_one_is_killed(postgres_bench: Bench) -> None:
    bench = postgres_bench
    names = _ask(bench)
    workers = [bench.start_worker() for _ in range(3)]
    wait_for(lambda: len(bench.lines("effects")) > 60, "a third of the operations")
    for worker in workers:
        bench.wait_until_working(worker)
    bench.kill(workers[0])
    wait_for(lambda: len(bench.lines("effects")) >= 200, "all operations")
    records = bench.wait_until_ended(*names)
    assert len(records) == 200
    assert {record.status for record in records} == {OperationStatus.SUCCEEDED}
    assert sorted(bench.lines("effects")) == sorted(f"{name} only" for name in names)


def test_one_worker_on_sqlite(sqlite_bench: Bench) -> None:
    bench = sqlite_bench
    names = _ask(bench)
    bench.start_worker()
    bench.wait_until_ended(*names)
    _require_once_and_fair(bench, names)
