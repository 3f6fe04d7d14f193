"""Whoever tells receivers is killed at every event of every kind of operation: none is left out, none overtakes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.store import events
from infra.store.database import reading
from infra.store.tables import deliveries
from tests.faults.kill_bench import PATIENCE, KillBench
from tests.faults.lifecycle_cases import kinds, name_of, success
from tests.faults.struck_outbox import MOMENTS, RECEIVER, FileReceiver
from tests.jobs.job_bench import ROOT, wait_for
from tests.provisioning.estate_bench import Kind

_MANY = 100_000


class Outbox:
    """The process that tells, and what it has told.

    Args:
        bench: Whose events.
        twin: The defect that it has; "-": none.
    """

    def __init__(self, bench: KillBench, twin: str = "-") -> None:
        self._bench = bench
        command = [sys.executable, "-m", "tests.faults.struck_outbox", str(bench.folder), bench.settings.database_url]
        with bench.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(time.time()), twin], cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log
            )

    def told(self) -> list[int]:
        """The numbers of the events, in the order in which they arrived."""
        return [int(line) for line in self._bench.lines("told")]

    def is_through(self) -> bool:
        """Whether it is written that all have arrived."""
        with reading(self._bench.database) as connection:
            written = select(deliveries.c.sequence).where(deliveries.c.receiver == RECEIVER)
            upto = connection.execute(written).scalar()
            return upto is not None and not events.after(connection, upto)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def bench(tmp_path: Path) -> Generator[KillBench]:
    made = KillBench(tmp_path)
    yield made
    made.close()


def tell_all(bench: KillBench, asked: Sequence[Kind], twin: str) -> tuple[list[int], list[int], int]:
    """Run operations, and kill who tells at each event of them.

    Returns:
        The numbers of the events that were kept, those that arrived in their order, and how many deaths there were.
    """
    deaths = 0
    for what in asked:
        for number, event in enumerate(success(what).told):
            bench.points.die(name_of(what), event, MOMENTS[number % len(MOMENTS)])
            deaths += 1
        bench.ask_for(name_of(what), what)
    bench.start_worker()
    outbox = Outbox(bench, twin)
    try:
        bench.end()
        wait_for(outbox.is_through, "the last event", bench.log, PATIENCE)
    finally:
        outbox.close()
    told = outbox.told()
    with reading(bench.database) as connection:
        kept = [each.sequence for each in events.after(connection, 0, limit=_MANY)]
    return kept, told, deaths


def test_killed_at_every_event(bench: KillBench) -> None:
    kept, told, deaths = tell_all(bench, kinds(), "-")
    assert bench.wrong({}) == []
    assert bench.points.all_struck()
    assert list(dict.fromkeys(told)) == kept, "each arrives, for the first time in its turn"
    assert len(told) - len(kept) <= deaths * FileReceiver.batch, "only what was on its way is told again"


def test_one_that_writes_before_it_tells_is_found(bench: KillBench) -> None:
    """The broken twin: the event on whose way it was killed never arrives."""
    kept, told, _ = tell_all(bench, kinds()[:1], "early")
    assert kept[0] not in told
