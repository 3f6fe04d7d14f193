"""Receivers outside are told every event, in order, at least once; failures wait longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from infra.store import deliveries, events
from infra.store.database import transaction
from infra.store.deliveries import FIRST_DELAY, LONGEST_DELAY
from infra.store.events import Happening

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def happen(store: Engine, count: int) -> None:
    with transaction(store) as connection:
        events.append(connection, "acme", "o1", [Happening(name="tenant.verified", data={})] * count, NOW)


def register(store: Engine, receiver: str = "webhook") -> None:
    with transaction(store) as connection:
        deliveries.register(connection, receiver, NOW)


def claim(store: Engine, now: datetime = NOW, receiver: str = "webhook", limit: int = 50) -> list[int]:
    with transaction(store) as connection:
        return [each.sequence for each in deliveries.claim(connection, receiver, now, limit)]


def deliver(store: Engine, sequence: int, now: datetime = NOW) -> None:
    with transaction(store) as connection:
        deliveries.delivered(connection, "webhook", sequence, now)


def test_each_receiver_is_told_every_event_in_order(store: Engine) -> None:
    """Part by part; another receiver starts with the first."""
    happen(store, 5)
    register(store)
    assert claim(store, limit=3) == [1, 2, 3]
    deliver(store, 3)
    assert claim(store) == [4, 5]
    deliver(store, 5)
    assert claim(store) == []
    register(store, "bus")
    assert claim(store, receiver="bus") == [1, 2, 3, 4, 5]
    happen(store, 1)
    assert claim(store) == [6]


def test_what_is_being_sent_is_given_to_nobody_else(store: Engine) -> None:
    """Until the next try is due: then it is given out again, whether its sender was killed or refused."""
    happen(store, 1)
    register(store)
    assert claim(store) == [1]
    assert claim(store, NOW + FIRST_DELAY - timedelta(microseconds=1)) == []
    assert claim(store, NOW + FIRST_DELAY) == [1]
    assert claim(store, NOW + FIRST_DELAY * 2) == []
    assert claim(store, NOW + FIRST_DELAY * 3) == [1]


def test_a_success_starts_the_distances_anew(store: Engine) -> None:
    """After two failures and a success, the next failure waits as long as a first one."""
    happen(store, 1)
    register(store)
    claim(store)
    claim(store, NOW + FIRST_DELAY)
    deliver(store, 1)
    happen(store, 1)
    assert claim(store) == [2]
    assert claim(store, NOW + FIRST_DELAY) == [2]


def test_a_late_success_takes_nothing_back(store: Engine) -> None:
    """A sender that was slow says less than is known by now."""
    happen(store, 3)
    register(store)
    deliver(store, 3)
    deliver(store, 1)
    assert claim(store) == []


def test_registered_again_a_receiver_goes_on(store: Engine) -> None:
    """A service that restarts tells nobody everything again; an unknown receiver is told nothing."""
    happen(store, 2)
    register(store)
    deliver(store, 1)
    register(store)
    assert claim(store) == [2]
    assert claim(store, receiver="nobody") == []


def test_distances_grow_to_the_longest() -> None:
    """Twice as long each time, and never more than the longest, however often."""
    assert [deliveries.delay(attempts) for attempts in range(3)] == [FIRST_DELAY, FIRST_DELAY * 2, FIRST_DELAY * 4]
    assert deliveries.delay(10_000) == LONGEST_DELAY
