"""Answers by Idempotency-Key: the same request gets the same answer for seven days, another one is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from infra.store import idempotency
from infra.store.database import transaction
from infra.store.idempotency import KEPT, LEASE, Answer, Begun, Reused, Running

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
ANSWER = Answer(202, {"location": "/v1/operations/o1"}, b'{"operation":"o1"}')
Found = Begun | Running | Reused | Answer


def begin(store: Engine, *, now: datetime, digest: str = "d", caller: str = "ada", key: str = "k") -> Found:
    with transaction(store) as connection:
        return idempotency.begin(connection, caller, key, digest, now)


def begun(store: Engine, *, now: datetime, key: str = "k") -> Begun:
    found = begin(store, now=now, key=key)
    assert isinstance(found, Begun)
    return found


def finish(store: Engine, attempt: str) -> None:
    with transaction(store) as connection:
        idempotency.finish(connection, "ada", "k", attempt, ANSWER)


def release(store: Engine, attempt: str) -> None:
    with transaction(store) as connection:
        idempotency.release(connection, "ada", "k", attempt)


def test_the_same_request_gets_the_same_answer_for_seven_days(store: Engine) -> None:
    """Up to the last moment; then the key is free, and what is made under it is something else."""
    first = begun(store, now=NOW)
    finish(store, first.attempt)
    assert begin(store, now=NOW + timedelta(days=7) - MOMENT) == ANSWER
    assert timedelta(days=7) == KEPT
    assert begun(store, now=NOW + KEPT).reference != first.reference


def test_another_request_with_the_key_is_refused(store: Engine) -> None:
    """While the first runs as well as after it; the same key of another caller is another key."""
    first = begun(store, now=NOW)
    assert begin(store, now=NOW, digest="other") == Reused()
    finish(store, first.attempt)
    assert begin(store, now=NOW, digest="other") == Reused()
    assert isinstance(begin(store, now=NOW, caller="grace", digest="other"), Begun)
    assert begin(store, now=NOW) == ANSWER


def test_a_request_that_still_runs_is_told(store: Engine) -> None:
    """Until its lease ends: a process that was killed does not keep the key, and its successor has its reference."""
    first = begun(store, now=NOW)
    assert begin(store, now=NOW + LEASE - MOMENT) == Running(MOMENT)
    second = begun(store, now=NOW + LEASE)
    assert second.reference == first.reference
    assert second.attempt != first.attempt
    assert begin(store, now=NOW + LEASE) == Running(LEASE)


def test_a_request_that_did_nothing_frees_its_key(store: Engine) -> None:
    """But an answer that was given is not taken back."""
    first = begun(store, now=NOW)
    release(store, first.attempt)
    second = begun(store, now=NOW)
    assert second.reference == first.reference
    finish(store, second.attempt)
    release(store, second.attempt)
    assert begin(store, now=NOW) == ANSWER


def test_an_attempt_that_lost_its_lease_changes_nothing(store: Engine) -> None:
    """Neither its answer nor its release reaches the attempt that took over."""
    first = begun(store, now=NOW)
    second = begun(store, now=NOW + LEASE)
    finish(store, first.attempt)
    release(store, first.attempt)
    assert begin(store, now=NOW + LEASE) == Running(LEASE)
    finish(store, second.attempt)
    assert begin(store, now=NOW + LEASE) == ANSWER


def test_a_transaction_that_fails_takes_no_key(store: Engine) -> None:
    """A request whose writes are undone can be sent again."""

    def fails() -> None:
        with transaction(store) as connection:
            idempotency.begin(connection, "ada", "k", "d", NOW)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError):
        fails()
    assert isinstance(begin(store, now=NOW), Begun)


def test_sent_at_once_it_is_done_once(store: Engine) -> None:
    """Of eight at the same time one begins, and seven are told that it runs."""
    found: list[Found] = []
    together = threading.Barrier(8)

    def send() -> None:
        together.wait()
        found.append(begin(store, now=NOW))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(isinstance(each, Begun) for each in found) == 1
    assert found.count(Running(LEASE)) == 7


def test_what_is_kept_no_longer_is_forgotten(store: Engine) -> None:
    """And only that."""
    finish(store, begun(store, now=NOW).attempt)
    begin(store, now=NOW + MOMENT, key="later")
    with transaction(store) as connection:
        assert idempotency.forget_expired(connection, NOW + KEPT - MOMENT) == 0
        assert idempotency.forget_expired(connection, NOW + KEPT) == 1
