"""Whose turn it is: limits, priorities, fairness and repeated requests, without a worker."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from infra.errors import UserError
from infra.jobs import JobStatus
from infra.jobs.model import IdReused, JobMissing
from infra.store.tables import TextRefused
from tests.jobs.job_bench import Bench


def _admit_all(bench: Bench, limit: int = 100) -> list[str]:
    names: list[str] = []
    while (record := bench.tickets.admit(limit)) is not None:
        names.append(record.request.id)
    return names


def _finish(bench: Bench, name: str) -> None:
    bench.tickets.finish(name, JobStatus.SUCCEEDED)


def test_asking_twice_is_asking_once(bench: Bench) -> None:
    first = bench.tickets.enqueue(bench.request("op"))
    assert bench.tickets.enqueue(bench.request("op")) == first
    assert len(bench.tickets.list()) == 1
    with pytest.raises(IdReused, match="another operation"):
        bench.tickets.enqueue(bench.request("op", tenant="globex"))


@pytest.mark.parametrize("caller", ["", "x" * 129])
def test_names_that_the_table_does_not_hold_are_refused(sqlite_bench: Bench, caller: str) -> None:
    with pytest.raises(UserError, match=f"caller has {len(caller)} characters"):
        sqlite_bench.request("op", caller=caller)
    assert sqlite_bench.tickets.enqueue(sqlite_bench.request("op", caller="x" * 128))


def test_one_operation_a_tenant(bench: Bench) -> None:
    for name in ("first", "second"):
        bench.tickets.enqueue(bench.request(name))
    bench.tickets.enqueue(bench.request("other", tenant="globex"))
    assert _admit_all(bench) == ["first", "other"]
    _finish(bench, "other")
    assert _admit_all(bench) == []
    _finish(bench, "first")
    assert _admit_all(bench) == ["second"]


def test_global_limit(bench: Bench) -> None:
    for number in range(5):
        bench.tickets.enqueue(bench.request(f"op{number}", tenant=f"t{number}"))
    assert len(_admit_all(bench, limit=3)) == 3
    _finish(bench, "op0")
    assert _admit_all(bench, limit=3) == ["op3"]


def test_priority_goes_first(bench: Bench) -> None:
    bench.tickets.enqueue(bench.request("usual", tenant="a"))
    bench.tickets.enqueue(dataclasses.replace(bench.request("urgent", tenant="b"), priority=1))
    assert _admit_all(bench) == ["urgent", "usual"]


def test_callers_take_turns(bench: Bench) -> None:
    for number in range(4):
        bench.tickets.enqueue(bench.request(f"ann{number}", tenant=f"a{number}", caller="ann"))
    for number in range(2):
        bench.tickets.enqueue(bench.request(f"bob{number}", tenant=f"b{number}", caller="bob"))
    order: list[str] = []
    while (record := bench.tickets.admit(1)) is not None:
        order.append(record.request.id)
        _finish(bench, record.request.id)
    assert order == ["ann0", "bob0", "ann1", "bob1", "ann2", "ann3"]


def test_a_caller_with_running_operations_waits_for_one_with_fewer(bench: Bench) -> None:
    for number in range(3):
        bench.tickets.enqueue(bench.request(f"ann{number}", tenant=f"a{number}", caller="ann"))
    assert _admit_all(bench, limit=2) == ["ann0", "ann1"]
    bench.tickets.enqueue(bench.request("bob0", tenant="b0", caller="bob"))
    assert _admit_all(bench, limit=3) == ["bob0"]


def test_a_tenants_operations_keep_their_order_whoever_asks(bench: Bench) -> None:
    bench.tickets.enqueue(bench.request("ann0", tenant="x", caller="ann"))
    bench.tickets.enqueue(bench.request("ann1", tenant="acme", caller="ann"))
    bench.tickets.enqueue(bench.request("bob0", tenant="acme", caller="bob"))
    assert _admit_all(bench) == ["ann0", "ann1"]


def test_cancelled_while_it_waits_never_runs(bench: Bench) -> None:
    bench.tickets.enqueue(bench.request("op"))
    assert bench.tickets.cancel("op") is JobStatus.CANCELLED
    assert _admit_all(bench) == []
    with pytest.raises(JobMissing):
        bench.tickets.cancel("none")


def test_what_has_ended_stays_as_it_is(bench: Bench) -> None:
    bench.tickets.enqueue(bench.request("op"))
    bench.tickets.admit(1)
    _finish(bench, "op")
    assert bench.tickets.cancel("op") is JobStatus.SUCCEEDED
    record = bench.tickets.get("op")
    assert (record.status, record.step, record.cancel_requested) == (JobStatus.SUCCEEDED, "", False)


def test_one_that_rests_gives_up_its_turn_until_its_time(bench: Bench) -> None:
    bench.tickets.enqueue(bench.request("resting"))
    bench.tickets.enqueue(bench.request("other", tenant="globex"))
    now = datetime.now(UTC)
    assert bench.tickets.admit(1, now)
    bench.tickets.rest("resting", now + timedelta(days=7))
    assert bench.tickets.admit(1, now + timedelta(days=7) - timedelta(microseconds=1)) == bench.tickets.get("other")
    _finish(bench, "other")
    found = bench.tickets.admit(1, now + timedelta(days=7))
    assert found is not None
    assert (found.request.id, found.rests, found.turn) == ("resting", 1, 3)


def test_a_ticket_that_postgresql_could_not_hold_is_refused_by_sqlite_too(bench: Bench) -> None:
    with pytest.raises(TextRefused, match="NUL"):
        bench.tickets.enqueue(bench.request("op", tenant="ac\0me"))
    assert bench.tickets.list() == []
