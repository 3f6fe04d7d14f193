"""Killed at every step of every kind of operation: each ends, after restart, as if nothing had happened.

The matrix is made from the lifecycle: whatever step or kind is added to it is killed here as well. Always tried: each
step of each kind, and each step that fails, with some of the moments of a step; with the marker ``exhaustive``: all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from tests.faults.kill_bench import KillBench
from tests.faults.lifecycle_cases import PUT_BACK, Case, cases, covering, failing_cases, kinds, name_of
from tests.faults.natural_steps import MOMENTS as IN_A_STEP
from tests.faults.struck_worker import ADMITTED, CLOSES
from tests.jobs.job_bench import wait_for
from tests.own_postgresql import OwnPostgresql

pytestmark = pytest.mark.timeout(1800)

#: Where many operations can stand at once when their worker is killed: it has no transaction open there.
HELD = ("begun", *IN_A_STEP, "ended")
#: Where a worker dies alone: nobody else could write while its transaction was held open.
WITHIN = ("begins", "ends")
#: How many operations are held at a time, out of those that a worker runs at a time.
_AT_ONCE = 50

Struck = tuple[Case, str]


def moments_of(case: Case) -> Sequence[str]:
    """Where somebody can be held in the case's step: nobody is told of what puts back, and what fails has no end."""
    if case.step == PUT_BACK:
        return IN_A_STEP
    return HELD if case.fails is None else HELD[:-1]


def all_of(found: Sequence[Case], moments: Callable[[Case], Sequence[str]] = moments_of) -> list[Struck]:
    """Each case at each of its moments."""
    return [(case, moment) for case in found for moment in moments(case)]


def some_of(found: Sequence[Case], count: int, moments: Callable[[Case], Sequence[str]] = moments_of) -> list[Struck]:
    """Each case at some of its moments, in turns, so that each moment has its share."""
    struck: list[Struck] = []
    for number, case in enumerate(found):
        possible = moments(case)
        first = number * count
        struck += [(case, possible[(first + offset) % len(possible)]) for offset in range(min(count, len(possible)))]
    return struck


def in_a_step(_case: Case) -> Sequence[str]:
    """The moments of a step's own process."""
    return IN_A_STEP


def within(case: Case) -> Sequence[str]:
    """The transactions of a case's step."""
    return WITHIN if case.fails is None else (CLOSES,)


def always_and(always: Sequence[Struck], exhaustive: Sequence[Struck]) -> pytest.MarkDecorator:
    """Run a test with some of the matrix always, and with all of it where that is asked for."""
    every = pytest.param(exhaustive, id="all", marks=pytest.mark.exhaustive)
    return pytest.mark.parametrize("struck", [pytest.param(always, id="some"), every])


class Matrix:
    """Operations that are struck, each compared with one of its kind that is not."""

    def __init__(self, bench: KillBench) -> None:
        self._bench = bench
        self._controls: dict[str, str] = {}
        for what in kinds():
            bench.ask_for(f"control-{name_of(what)}", what)

    def ask(self, case: Case, moment: str, arm: Callable[[str, str, str], None]) -> tuple[str, str, str]:
        """Ask for an operation, and arm a point of it."""
        place = (f"{case.name}-{moment}", "" if moment == ADMITTED else case.step, moment)
        arm(*place)
        if case.fails is None:
            self._bench.ask_for(place[0], case.what)
            self._controls[place[0]] = f"control-{name_of(case.what)}"
        else:
            self._bench.ask_for(place[0], case.what, fails=case.fails)
        return place

    def wrong(self) -> list[str]:
        """What is wrong when all are over."""
        self._bench.end()
        return self._bench.wrong(self._controls)


@pytest.fixture
def bench(tmp_path: Path) -> Generator[KillBench]:
    made = KillBench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def postgresql_bench(tmp_path: Path, postgresql: OwnPostgresql) -> Generator[KillBench]:
    made = KillBench(tmp_path, postgresql.new_database(f"killed{uuid.uuid4().hex[:8]}"), limit=56)
    yield made
    made.close()


@always_and([*some_of(cases(), 2), *some_of(failing_cases(), 1)], [*all_of(cases()), *all_of(failing_cases())])
def test_a_worker_killed_at_every_step(bench: KillBench, struck: Sequence[Struck]) -> None:
    """With many operations at once; what the next worker takes over runs beside those in which it is killed next."""
    matrix = Matrix(bench)
    for first in range(0, len(struck), _AT_ONCE):
        let_go = bench.points.close()
        places = [matrix.ask(case, moment, bench.points.hold) for case, moment in struck[first : first + _AT_ONCE]]
        worker = bench.start_worker()
        bench.reached(places)
        bench.kill(worker)
        let_go()
    bench.start_worker()
    assert matrix.wrong() == []


@always_and(
    [*some_of(covering(cases()), 1, within), *some_of(covering(failing_cases())[:3], 1, within)],
    [*all_of(cases(), within), *all_of(failing_cases(), within)],
)
def test_a_worker_killed_within_its_transactions(bench: KillBench, struck: Sequence[Struck]) -> None:
    """Each time alone, in the middle of what it writes; and between giving a job its turn and starting it."""
    matrix = Matrix(bench)
    for case, moment in struck:
        matrix.ask(case, moment, _at_the_end(bench, case))
    for case in covering(cases())[:3]:
        matrix.ask(case, ADMITTED, bench.points.die)
    bench.start_worker("again")
    assert matrix.wrong() == []
    assert bench.points.all_struck()


def _at_the_end(bench: KillBench, case: Case) -> Callable[[str, str, str], None]:
    """An operation that fails is closed in the name of the step that failed."""
    return lambda name, step, moment: bench.points.die(name, case.fails or step, moment)


@always_and(
    [*some_of(cases(), 1, in_a_step), *some_of(failing_cases(), 1, in_a_step)],
    [*all_of(cases(), in_a_step), *all_of(failing_cases(), in_a_step)],
)
def test_a_step_killed_at_every_step(bench: KillBench, struck: Sequence[Struck]) -> None:
    """The step's process alone: its worker lives, and tries again."""
    matrix = Matrix(bench)
    for case, moment in struck:
        matrix.ask(case, moment, bench.points.die)
    worker = bench.start_worker()
    assert matrix.wrong() == []
    assert bench.points.all_struck()
    assert worker.poll() is None


@always_and(some_of(cases(), 1), [*all_of(cases()), *all_of(failing_cases())])
def test_the_database_killed_at_every_step(
    postgresql: OwnPostgresql, postgresql_bench: KillBench, struck: Sequence[Struck]
) -> None:
    """Workers end themselves with their steps, since others could take over; the next ones find what was committed."""
    bench = postgresql_bench
    matrix = Matrix(bench)
    for first in range(0, len(struck), _AT_ONCE):
        let_go = bench.points.close()
        places = [matrix.ask(case, moment, bench.points.hold) for case, moment in struck[first : first + _AT_ONCE]]
        worker = bench.start_worker()
        bench.reached(places)
        postgresql.kill()
        wait_for(lambda worker=worker: worker.poll() is not None, "the end of the worker", bench.log)
        postgresql.start_again()
        let_go()
    bench.start_worker()
    assert matrix.wrong() == []


def test_the_matrix_has_every_step_of_the_lifecycle() -> None:
    """What is tried always has each kind, each step and each moment, not only what is exhaustive."""
    always = some_of(cases(), 2)
    assert {case for case, _ in always} == {*cases()}
    assert {moment for _, moment in always} == {*HELD}
    few = covering(cases())
    assert {name_of(each.what) for each in few} == {name_of(what) for what in kinds()}
    assert {each.step for each in few} == {each.step for each in cases()}
    assert len(few) < len(cases()) / 2
