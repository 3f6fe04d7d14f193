"""Broken twins: a service with a defect that is killed in the same way is found by the same checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.jobs import JobStatus
from infra.lifecycle.states import OperationKind
from tests.faults.kill_bench import KillBench
from tests.faults.lifecycle_cases import kinds
from tests.faults.struck_worker import ADMITTED

UPDATE = next(what for what in kinds() if what.kind is OperationKind.UPDATE)


def kill_one(bench: KillBench, step: str, moment: str, **arguments: object) -> list[str]:
    """Kill a worker at a point of one operation beside an unharmed one; what is wrong when both are over."""
    let_go = bench.points.close()
    bench.points.hold("struck", step, moment)
    bench.ask_for("struck", UPDATE, **arguments)
    bench.ask_for("control", UPDATE, **arguments)
    worker = bench.start_worker()
    bench.reached([("struck", step, moment)])
    bench.end("control")
    bench.kill(worker)
    let_go()
    bench.start_worker()
    bench.end()
    return bench.wrong({"struck": "control"})


@pytest.mark.parametrize(
    ("twin", "arguments", "step", "moment", "found"),
    [
        ("two transactions", {}, "apply", "ended", "struck: the operation's state"),
        ("-", {"careless": True}, "apply", "made", "2 times made: struck apply"),
        ("-", {}, "apply", "ended", None),
        ("-", {}, "apply", "made", None),
    ],
    ids=["observed in two transactions", "a step that does not look", "sound", "a step that looks"],
)
def test_a_defect_is_found(
    tmp_path: Path, twin: str, arguments: dict[str, object], step: str, moment: str, found: str | None
) -> None:
    bench = KillBench(tmp_path, twin=twin)
    try:
        wrong = kill_one(bench, step, moment, **arguments)
    finally:
        bench.close()
    assert wrong == [] if found is None else any(each.startswith(found) for each in wrong), wrong


@pytest.mark.parametrize("twin", ["lost enqueue", "-"], ids=["lost between turn and start", "sound"])
def test_a_lost_start_is_found(tmp_path: Path, twin: str) -> None:
    """Nobody waits for it: what was asked for later is over, and it has not even begun."""
    bench = KillBench(tmp_path, twin=twin, limit=2)
    try:
        bench.points.die("struck", "", ADMITTED)
        bench.ask_for("struck", UPDATE)
        worker = bench.start_worker()
        worker.wait()
        assert bench.tickets.get("struck").status is JobStatus.ADMITTED
        bench.ask_for("later", UPDATE)
        bench.start_worker()
        bench.end("later")
        if twin == "-":
            bench.end()
        wrong = bench.wrong({"struck": "later"})
    finally:
        bench.close()
    assert wrong == [] if twin == "-" else "struck: the operation's state" in " ".join(wrong), wrong
