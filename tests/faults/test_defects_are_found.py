"""Broken twins: a service with a defect that is killed in the same way is found by the same checks.

Steps are scripted. That a sound service passes the same checks is in `tests.faults.test_killed_at_every_step`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from infra.jobs import JobStatus
from infra.lifecycle.states import OperationKind
from tests.faults.kill_bench import KillBench
from tests.faults.lifecycle_cases import kinds
from tests.faults.struck_worker import ADMITTED

UPDATE = next(what for what in kinds() if what.kind is OperationKind.UPDATE)


def found_by(folder: Path, twin: str, strike: Callable[[KillBench], None]) -> list[str]:
    """What is wrong after a twin was struck."""
    bench = KillBench(folder, twin=twin, limit=8)
    try:
        strike(bench)
        return bench.wrong({})
    finally:
        bench.close()


def test_an_observer_of_its_own_transactions_and_a_step_that_does_not_look_are_found(tmp_path: Path) -> None:
    """Both are killed with one worker; what is beside them unharmed is in order."""

    def strike(bench: KillBench) -> None:
        let_go = bench.points.close()
        places = [("observed", "apply", "ended"), ("careless", "apply", "made")]
        for place in places:
            bench.points.hold(*place)
        bench.ask_for("observed", UPDATE)
        bench.ask_for("careless", UPDATE, careless=True)
        bench.ask_for("unharmed", UPDATE)
        worker = bench.start_worker()
        bench.reached(places)
        bench.end("unharmed")
        bench.kill(worker)
        let_go()
        bench.start_worker()
        bench.end()

    wrong = found_by(tmp_path, "two transactions", strike)
    assert "2 times made: careless apply" in wrong
    assert any(each.startswith("observed: the operation's state") for each in wrong), wrong
    assert not any(each.startswith("unharmed") for each in wrong), wrong


def test_a_start_that_is_lost_after_the_turn_is_found(tmp_path: Path) -> None:
    """Nobody waits for it: what was asked for later is over, and it has not even begun."""

    def strike(bench: KillBench) -> None:
        bench.points.die("struck", "", ADMITTED)
        bench.ask_for("struck", UPDATE)
        bench.start_worker().wait()
        assert bench.tickets.get("struck").status is JobStatus.ADMITTED
        bench.ask_for("later", UPDATE)
        bench.start_worker()
        bench.end("later")

    wrong = found_by(tmp_path, "lost enqueue", strike)
    assert any(each.startswith("struck: the operation's state") for each in wrong), wrong
    assert not any(each.startswith("later") for each in wrong), wrong
