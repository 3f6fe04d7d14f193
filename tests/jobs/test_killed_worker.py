"""Workers killed in the middle of each step: the operation ends as if nothing had happened."""

from __future__ import annotations

import pytest

from infra.jobs import OperationStatus
from tests.jobs.bench import Bench, lives, wait_for
from tests.jobs.scripted_steps import NAMES


@pytest.mark.parametrize("moment", ["hold", "hold-after"])
@pytest.mark.parametrize("step", NAMES)
def test_killed_in_each_step(bench: Bench, step: str, moment: str) -> None:
    bench.tickets.enqueue(bench.request("op", **{moment: step}))
    first = bench.start_worker()
    bench.wait_until_reached("op")
    held = [int(line.split()[-1]) for line in bench.lines("starts")][-1]
    grandchildren = [int(line) for line in bench.lines("children")]
    assert lives(held)
    assert grandchildren
    bench.kill(first)
    for pid in [held, *grandchildren]:
        wait_for(lambda pid=pid: not lives(pid), "the end of what the worker had started")
    assert bench.tickets.get("op").status is OperationStatus.ADMITTED
    bench.let_go("op")
    bench.start_worker()
    (record,) = bench.wait_until_ended("op")
    assert (record.status, record.percent, record.steps_done) == (OperationStatus.SUCCEEDED, 100, 4)
    assert bench.lines("effects") == [f"op {name}" for name in NAMES]
    started = [line.split()[1] for line in bench.lines("starts")]
    assert started == sorted([*NAMES, step], key=NAMES.index)
