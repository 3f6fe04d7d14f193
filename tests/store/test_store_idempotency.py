"""Answers by Idempotency-Key: the same request gets the same answer for seven days, another one is refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from infra.store import idempotency
from infra.store.database import transaction
from infra.store.idempotency import KEPT, LEASE, Answer, KeyReused, RequestRunning, digest_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
DIGEST = digest_of("POST", "/v1/tenants", b"{}")
ANSWER = Answer(status=202, body='{"operation":"o1"}')


def begin(store: Engine, *, now: datetime, digest: str = DIGEST, caller: str = "ada", key: str = "k") -> Answer | None:
    with transaction(store) as connection:
        return idempotency.begin(connection, caller, key, digest, now)


def finish(store: Engine) -> None:
    with transaction(store) as connection:
        idempotency.finish(connection, "ada", "k", ANSWER, NOW)


def test_the_same_request_gets_the_same_answer_for_seven_days(store: Engine) -> None:
    """Up to the last moment; then the key is free."""
    assert begin(store, now=NOW) is None
    finish(store)
    assert begin(store, now=NOW + timedelta(days=7) - MOMENT) == ANSWER
    assert timedelta(days=7) == KEPT
    assert begin(store, now=NOW + KEPT) is None


def test_another_request_with_the_key_is_refused(store: Engine) -> None:
    """Method, path and body make the request; the same key of another caller is another key."""
    begin(store, now=NOW)
    finish(store)
    for other in (
        digest_of("POST", "/v1/tenants", b'{"id":"x"}'),
        digest_of("PATCH", "/v1/tenants", b"{}"),
        digest_of("POST", "/v1/tenants/", b"{}"),
    ):
        with pytest.raises(KeyReused):
            begin(store, now=NOW, digest=other)
    assert begin(store, now=NOW, caller="grace", digest=digest_of("POST", "/", b"")) is None
    assert begin(store, now=NOW) == ANSWER


def test_a_request_that_still_runs_is_told(store: Engine) -> None:
    """Until its lease ends: a process that was killed does not keep the key."""
    begin(store, now=NOW)
    with pytest.raises(RequestRunning):
        begin(store, now=NOW + LEASE - MOMENT)
    assert begin(store, now=NOW + LEASE) is None


def test_a_request_that_did_nothing_frees_its_key(store: Engine) -> None:
    """But an answer that was given is not taken back."""
    begin(store, now=NOW)
    with transaction(store) as connection:
        idempotency.release(connection, "ada", "k")
    assert begin(store, now=NOW) is None
    finish(store)
    with transaction(store) as connection:
        idempotency.release(connection, "ada", "k")
    assert begin(store, now=NOW) == ANSWER


def test_a_transaction_that_fails_takes_no_key(store: Engine) -> None:
    """A request whose writes are undone can be sent again."""

    def fails() -> None:
        with transaction(store) as connection:
            idempotency.begin(connection, "ada", "k", DIGEST, NOW)
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError):
        fails()
    assert begin(store, now=NOW) is None


def test_sent_at_once_it_is_done_once(store: Engine) -> None:
    """Eight of the same, each answered in its transaction: one does it, seven get its answer."""
    answers: list[Answer | None] = []
    together = threading.Barrier(8)

    def send() -> None:
        together.wait()
        with transaction(store) as connection:
            answer = idempotency.begin(connection, "ada", "k", DIGEST, NOW)
            if answer is None:
                idempotency.finish(connection, "ada", "k", ANSWER, NOW)
        answers.append(answer)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers, key=lambda each: each is None) == [ANSWER] * 7 + [None]


def test_what_is_kept_no_longer_is_forgotten(store: Engine) -> None:
    """And only that."""
    begin(store, now=NOW)
    finish(store)
    begin(store, now=NOW, key="running")
    with transaction(store) as connection:
        assert idempotency.forget_expired(connection, NOW + LEASE) == 1
        assert idempotency.forget_expired(connection, NOW + KEPT) == 1
