"""Rounds are done when they are due, also by a service that was started anew, and one that fails stops no other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.errors import UserError
from infra.service.rounds import Round, Schedule, rounds, run_until
from infra.service.settings import load_service_settings
from infra.settings import load_settings
from infra.store import idempotency
from infra.store.database import open_store, sqlite_url, transaction

START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Done:
    """Rounds that note when they were done."""

    clock: Clock
    names: list[str] = field(default_factory=list[str])

    def round(self, name: str, seconds: float, error: Exception | None = None) -> Round:
        def run() -> None:
            self.names.append(name)
            if error is not None:
                raise error

        return Round(name=name, every=timedelta(seconds=seconds), run=run)


def test_each_is_done_at_its_distance(tmp_path: Path) -> None:
    clock = Clock()
    done = Done(clock)
    schedule = Schedule(tmp_path / "rounds.json", [done.round("often", 10), done.round("rarely", 35)], clock)
    assert schedule.run_due() == timedelta(seconds=10)
    for _ in range(7):
        clock.wait(5)
        schedule.run_due()
    assert done.names == ["often", "often", "often", "rarely"]


def test_a_service_that_is_started_often_comes_to_what_has_a_long_distance(tmp_path: Path) -> None:
    """Its time goes on from start to start; and it is not done at each of them."""
    clock = Clock()
    done = Done(clock)
    for _ in range(8):
        schedule = Schedule(tmp_path / "rounds.json", [done.round("often", 5), done.round("rarely", 25)], clock)
        clock.wait(5)
        schedule.run_due()
    assert (done.names.count("often"), done.names.count("rarely")) == (8, 1)


def test_one_that_was_done_is_due_at_its_time_whoever_was_started_since(tmp_path: Path) -> None:
    clock = Clock()
    done = Done(clock)
    file = tmp_path / "rounds.json"
    rarely = done.round("rarely", 25)
    schedule = Schedule(file, [rarely], clock)
    clock.wait(25)
    schedule.run_due()
    clock.wait(20)
    assert Schedule(file, [rarely], clock).run_due() == timedelta(seconds=5)
    clock.wait(5)
    Schedule(file, [rarely], clock).run_due()
    assert done.names == ["rarely", "rarely"]


def test_a_condition_that_somebody_must_mend_stops_no_other_round(tmp_path: Path) -> None:
    clock = Clock()
    done = Done(clock)
    broken = done.round("broken", 10, UserError("the repository is gone", "bring it back"))
    schedule = Schedule(tmp_path / "rounds.json", [broken, done.round("sound", 10)], clock)
    for _ in range(2):
        clock.wait(10)
        schedule.run_due()
    assert done.names == ["broken", "sound", "broken", "sound"]


def test_a_defect_ends_the_process(tmp_path: Path) -> None:
    """The supervisor starts it again, later each time, and /readyz says so."""
    clock = Clock()
    schedule = Schedule(tmp_path / "rounds.json", [Done(clock).round("defect", 0, ZeroDivisionError("x"))], clock)
    with pytest.raises(ZeroDivisionError):
        run_until(threading.Event(), schedule)


def test_the_rounds_of_a_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Expired answers are forgotten; drift is looked for unless its hours are 0."""
    monkeypatch.setenv("BULKHEAD_HOME", str(tmp_path))
    store = open_store(sqlite_url(tmp_path / "store.sqlite"))
    found = {each.name: each for each in rounds(load_settings(), load_service_settings(), store)}
    assert found.keys() == {"reconcile", "forget", "drift"}
    assert found["drift"].every == timedelta(hours=6)
    without = rounds(load_settings(), load_service_settings(drift_hours=0), store)
    assert {each.name for each in without} == {"reconcile", "forget"}
    found["forget"].run()
    with transaction(store) as connection:
        assert idempotency.forget_expired(connection, datetime.now(UTC)) == 0
    store.dispose()
