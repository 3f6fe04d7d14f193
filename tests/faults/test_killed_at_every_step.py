"""Killed at every step of every kind of operation: each ends, after restart, as if nothing had happened.

Workers, lifecycle, store and database are the real ones, all steps are scripted: on the real engine
`tests.faults.test_killed_runs` kills. The matrix is made from the lifecycle: whatever step or kind is added to it is
killed here as well. Always tried: combinations in which any two of kind, step and victim meet, with the moments of a
step in turns; with the marker ``exhaustive``: all.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import pytest

from infra.lifecycle.states import Event, OperationKind
from infra.lifecycle.steps import steps_of
from tests.faults.kill_bench import KillBench
from tests.faults.lifecycle_cases import (
    PUT_BACK,
    Case,
    cases,
    covering,
    failing_cases,
    kinds,
    name_of,
    pairwise,
    steps,
    success,
)
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


def in_turns(found: Sequence[Case], moments: Callable[[Case], Sequence[str]] = moments_of) -> list[Struck]:
    """Each case at one of its moments, in turns, so that each moment has its share."""
    possible = [moments(case) for case in found]
    return [(case, of[number % len(of)]) for number, (case, of) in enumerate(zip(found, possible, strict=True))]


def in_a_step(_case: Case) -> Sequence[str]:
    """The moments of a step's own process."""
    return IN_A_STEP


def within(case: Case) -> Sequence[str]:
    """The transactions of a case's step."""
    return WITHIN if case.fails is None else (CLOSES,)


def held_or_within(case: Case) -> Sequence[str]:
    """All moments at which a worker can be killed; those at which it dies alone are dear, and have a smaller share."""
    return (*moments_of(case), *moments_of(case), *within(case))


#: What is tried always of the steps that succeed, by who is killed.
SHARES = pairwise(cases(), ("worker", "step", "database"))
_WORKER = in_turns(SHARES["worker"], held_or_within)
_FAILING = covering(failing_cases())


def always_and(always: Sequence[Struck], exhaustive: Sequence[Struck]) -> pytest.MarkDecorator:
    """Run a test with some of the matrix always, and with all of it where that is asked for."""
    every = pytest.param(exhaustive, id="all", marks=pytest.mark.exhaustive)
    return pytest.mark.parametrize("struck", [pytest.param(always, id="some"), every])


class Matrix:
    """Operations that are struck, each compared with one of its kind that is not."""

    def __init__(self, bench: KillBench) -> None:
        self._bench = bench
        self._controls: dict[str, str] = {}

    def ask(self, case: Case, moment: str, arm: Callable[[str, str, str], None]) -> tuple[str, str, str]:
        """Ask for an operation, and arm a point of it."""
        place = (f"{case.name}-{moment}", "" if moment == ADMITTED else case.step, moment)
        arm(*place)
        if case.fails is None:
            control = f"control-{name_of(case.what)}"
            if control not in self._controls.values():
                self._bench.ask_for(control, case.what)
            self._bench.ask_for(place[0], case.what)
            self._controls[place[0]] = control
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


@always_and(
    [*(each for each in _WORKER if each[1] in HELD), *in_turns(_FAILING)],
    [*all_of(cases()), *all_of(failing_cases())],
)
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
    [*(each for each in _WORKER if each[1] in WITHIN), *in_turns(_FAILING[:1], within)],
    [*all_of(cases(), within), *all_of(failing_cases(), within)],
)
def test_a_worker_killed_within_its_transactions(bench: KillBench, struck: Sequence[Struck]) -> None:
    """Each time alone, in the middle of what it writes; and between giving a job its turn and starting it."""
    matrix = Matrix(bench)
    for case, moment in struck:
        matrix.ask(case, moment, _at_the_end(bench, case))
    matrix.ask(struck[0][0], ADMITTED, bench.points.die)
    bench.start_worker("again")
    assert matrix.wrong() == []
    assert bench.points.all_struck()


def _at_the_end(bench: KillBench, case: Case) -> Callable[[str, str, str], None]:
    """An operation that fails is closed in the name of the step that failed."""
    return lambda name, step, moment: bench.points.die(name, case.fails or step, moment)


@always_and(
    [*in_turns(SHARES["step"], in_a_step), *in_turns(_FAILING[::2], in_a_step)],
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


@always_and(in_turns(SHARES["database"]), [*all_of(cases()), *all_of(failing_cases())])
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
    """What is tried always, not only what is exhaustive."""
    every = {(name_of(what), step) for what in kinds() for step in steps(what)}
    tried = {(name_of(case.what), case.step) for share in SHARES.values() for case in share}
    assert tried == every
    for share in SHARES.values():
        assert {name_of(case.what) for case in share} == {kind for kind, _ in every}
        assert {case.step for case in share} == {step for _, step in every}
    assert {moment for _, moment in _WORKER} == {*HELD, *WITHIN}
    assert {case.fails for case in _FAILING} == {step for _, step in every}
    assert {name_of(case.what) for case in _FAILING} == {kind for kind, _ in every}


def test_an_operation_that_succeeds_tells_what_its_steps_say() -> None:
    """What everything here is compared with, made in another way."""
    for what in kinds():
        of = steps_of(what.kind, stays_suspended=what.stays_suspended)
        told = [event for step in of for event in (step.begins, step.ends) if event is not None]
        first = [Event.ONBOARDING_REQUESTED] if what.kind is OperationKind.ONBOARD else []
        assert success(what).told == tuple(f"tenant.{event}" for event in [*first, *told])
        assert success(what).operation.steps_done == len(of)
