"""Steps that fail are tried again where the error's class allows it; others are cancelled, or killed when too slow."""

from __future__ import annotations

import pytest

from infra.jobs import JobStatus
from infra.lifecycle.failures import FailureClass
from tests.jobs.job_bench import Bench, wait_for
from tests.jobs.scripted_steps import NAMES

#: What "build" raises, how many times -> the class that the operation ends with (none: it succeeds), and its starts.
CASES: dict[str, tuple[tuple[str, int], FailureClass | None, int]] = {
    "transient-twice": (("transient", 2), None, 3),
    "transient-always": (("transient", 9), FailureClass.TRANSIENT, 3),
    "conflict-once": (("conflict", 1), None, 2),
    "capacity": (("capacity", 1), FailureClass.CAPACITY, 1),
    "user": (("user", 1), FailureClass.USER, 1),
    "quota": (("quota", 1), FailureClass.QUOTA, 1),
    "internal": (("internal", 1), FailureClass.INTERNAL, 1),
    "defect": (("defect", 1), FailureClass.INTERNAL, 1),
    "crash": (("crash", 1), None, 2),
}


@pytest.fixture(name="worked")
def _worked(sqlite_bench: Bench) -> Bench:
    bench = sqlite_bench
    for name, (fails, _, _) in CASES.items():
        bench.tickets.enqueue(bench.request(name, tenant=name, fails={"build": fails}))
    bench.tickets.enqueue(bench.request("cancelled", tenant="cancelled", hold="build"))
    bench.tickets.enqueue(bench.request("slow", tenant="slow", kind="slow", hold="only"))
    bench.tickets.enqueue(bench.request("unknown", tenant="unknown", kind="no-such-kind"))
    bench.start_worker()
    return bench


def test_each_class_of_error_and_what_becomes_of_it(worked: Bench) -> None:
    worked.wait_until_reached("cancelled")
    halfway = worked.tickets.get("cancelled")
    assert (halfway.step, halfway.steps_done, halfway.steps) == ("build", 1, 4)
    wait_for(lambda: worked.tickets.get("cancelled").percent == 37, "the progress within the step")
    assert worked.tickets.cancel("cancelled") is JobStatus.ADMITTED
    worked.let_go("cancelled")
    worked.wait_until_ended(*CASES, "cancelled", "slow", "unknown")
    starts = [line.split()[:2] for line in worked.lines("starts")]
    for name, (_, ends_with, attempts) in CASES.items():
        record = worked.tickets.get(name)
        assert starts.count([name, "build"]) == attempts, name
        if ends_with is None:
            assert (record.status, record.failure) == (JobStatus.SUCCEEDED, None), name
        else:
            assert record.status is JobStatus.FAILED
            assert record.failure is not None
            assert record.failure.failure_class is ends_with
            assert record.failure.remedy
            assert (record.step, record.steps_done) == ("build", 1)
            assert [name, "check"] not in starts
    cancelled = worked.tickets.get("cancelled")
    assert cancelled.status is JobStatus.CANCELLED
    assert [line for line in worked.lines("effects") if line.startswith("cancelled ")] == [
        f"cancelled {name}" for name in NAMES[:2]
    ]
    slow, unknown = worked.tickets.get("slow").failure, worked.tickets.get("unknown").failure
    assert slow is not None
    assert (slow.failure_class, "after its 0.5 s" in slow.message) == (FailureClass.TRANSIENT, True)
    assert unknown is not None
    assert "knows no step" in unknown.message
