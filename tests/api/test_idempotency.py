"""A request with an Idempotency-Key is done once, and its repetitions are answered as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest
from api_service import Service, bearer, problem
from sqlalchemy import update

from infra.api.idempotency.keys import RequestKey
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.store.database import transaction
from infra.store.idempotency import KEPT, LEASE, Answer, Begun
from infra.store.tables import idempotency_keys

pytestmark = pytest.mark.anyio
BODY: dict[str, Any] = {"tenant": "acme", "size": 7}
KEY = "5f2c6c2e-6a1e-4d8c-9f61-1f2f9b3f8a10"


async def _make(client: httpx.AsyncClient, key: str | None = KEY, body: dict[str, Any] = BODY) -> httpx.Response:
    return await client.post("/v1/tenants", json=body, headers={} if key is None else {"Idempotency-Key": key})


async def test_same_request_same_answer(service: Service) -> None:
    """The second time status, body and headers are as the first, nothing is done, and the answer says so."""
    async with service.client() as client:
        first, second = await _make(client), await _make(client)
    assert (second.status_code, second.content, second.headers["location"]) == (
        202,
        first.content,
        first.headers["location"],
    )
    assert len(service.things.references) == 1
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]


async def test_without_a_key_each_is_done(service: Service) -> None:
    """Requests with no key, or with different ones, are different requests."""
    async with service.client() as client:
        for key in (None, None, "one", "two"):
            assert (await _make(client, key)).status_code == 202
    assert len(set(service.things.references)) == 4


async def test_quotes_are_not_part_of_the_key(service: Service) -> None:
    """The key in quotes, as the draft has it, is the key without."""
    async with service.client() as client:
        await _make(client, "key-1")
        await _make(client, '"key-1"')
    assert len(service.things.references) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/tenants", {**BODY, "size": 8}),
        ("/v1/tenants", {"size": 7, "tenant": "acme"}),
        ("/v1/tenants?validate=1", BODY),
    ],
)
async def test_other_request_same_key(service: Service, path: str, body: dict[str, Any]) -> None:
    """Another body, the same in another order, or another query under the same key is refused and not done."""
    async with service.client() as client:
        await _make(client)
        answer = await client.post(path, json=body, headers={"Idempotency-Key": KEY})
    problem(answer, 422, "idempotency-key-reused")
    assert len(service.things.references) == 1


async def test_keys_are_a_callers_own(service: Service) -> None:
    """Another caller's request under the same key is another request, and shows nothing of the first."""
    async with service.client() as client:
        mine = await _make(client)
        headers = {"Idempotency-Key": KEY, **bearer(service.issuer.token(sub="bob"))}
        other = await client.post("/v1/tenants", json=BODY, headers=headers)
    assert other.headers["location"] != mine.headers["location"]
    assert "idempotency-replayed" not in other.headers


async def test_a_repetition_needs_the_role_still(service: Service) -> None:
    """A caller who has lost the role is refused also what was answered before."""
    async with service.client() as client:
        await _make(client)
        headers = {"Idempotency-Key": KEY, **bearer(service.issuer.token(roles=["auditor"]))}
        problem(await client.post("/v1/tenants", json=BODY, headers=headers), 403, "forbidden")


async def test_still_running(service: Service) -> None:
    """While the first request runs its repetition is refused with a time to wait; after it, it is answered."""
    begun, go_on = anyio.Event(), anyio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    service.things.while_making = wait
    answers: dict[str, httpx.Response] = {}

    async with service.client() as client, anyio.create_task_group() as group:

        async def first() -> None:
            answers["first"] = await _make(client)

        group.start_soon(first)
        await begun.wait()
        answers["running"] = await _make(client)
        problem(await _make(client, body={**BODY, "size": 8}), 422, "idempotency-key-reused")
        go_on.set()
    async with service.client() as client:
        answers["after"] = await _make(client)
    problem(answers["running"], 409, "idempotency-key-in-use")
    assert answers["running"].headers["retry-after"] == "5"
    assert answers["after"].content == answers["first"].content
    assert len(service.things.references) == 1


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ProblemError(Kind.CONFLICT, "The tenant is being erased.")])
async def test_a_failed_request_may_be_sent_again(service: Service, error: Exception) -> None:
    """After an error the same request is done anew under the same reference; another one still may not take the key."""

    async def fail() -> None:
        raise error

    async with service.client() as client:
        making, service.things.while_making = service.things.while_making, fail
        assert (await _make(client)).status_code in {409, 500}
        service.things.while_making = making
        problem(await _make(client, body={**BODY, "size": 8}), 422, "idempotency-key-reused")
        again = await _make(client)
    assert again.status_code == 202
    assert len(set(service.things.references)) == 1
    assert len(service.things.references) == 2


async def test_a_process_that_died(service: Service) -> None:
    """A request whose process died is done by its repetition after the lease, under the same reference, not before."""
    async with service.client() as client:
        # What is written when a process dies: its key is taken, and nothing is done.
        await _make(client)
        with transaction(service.database) as connection:
            taken = {"status": None, "leased_until": service.clock.utc() + LEASE}
            connection.execute(update(idempotency_keys).values(**taken))
        problem(await _make(client), 409, "idempotency-key-in-use")
        service.clock.seconds += LEASE.total_seconds()
        assert (await _make(client)).status_code == 202
    assert len(service.things.references) == 2
    assert len(set(service.things.references)) == 1


async def test_answers_are_kept_for_seven_days(service: Service) -> None:
    """The answer is given again for seven days; then the key is free."""
    async with service.client() as client:
        await _make(client)
        service.clock.seconds += KEPT.total_seconds() - 1
        client.headers.update(bearer(service.issuer.token()))
        assert (await _make(client)).headers["idempotency-replayed"] == "true"
        service.clock.seconds += 1
        assert "idempotency-replayed" not in (await _make(client)).headers
    assert timedelta(days=7) == KEPT


@pytest.mark.parametrize("key", ["", '""', "a b", "k" * 256, "é".encode()])
async def test_malformed_keys(service: Service, key: str | bytes) -> None:
    """A key that is empty, long or not visible ASCII is refused, as are two."""
    name = b"Idempotency-Key"
    value = key.encode() if isinstance(key, str) else key
    async with service.client() as client:
        problem(await client.post("/v1/tenants", json=BODY, headers=[(name, value)]), 400, "malformed-request")
        two = await client.post("/v1/tenants", json=BODY, headers=[(name, b"one"), (name, b"two")])
        problem(two, 400, "malformed-request")
        assert (await _make(client, "k" * 255)).status_code == 202
    assert len(service.things.references) == 1


async def test_an_invalid_request_does_not_take_its_key(service: Service) -> None:
    """A body that is refused can be corrected under the same key."""
    async with service.client() as client:
        problem(await _make(client, body={**BODY, "size": 0}), 422, "invalid-request")
        assert (await _make(client)).status_code == 202


def test_a_lost_attempt_changes_nothing(service: Service) -> None:
    """An attempt that lost its lease to another cannot put its answer in place of the other's."""
    request, now = RequestKey("caller", "key"), service.clock.utc()
    first = service.store.begin(request, "f", now)
    second = service.store.begin(request, "f", now + LEASE)
    assert isinstance(first, Begun)
    assert isinstance(second, Begun)
    service.store.finish(request, first.attempt, Answer(200, {}, b"late"))
    service.store.release(request, first.attempt)
    service.store.finish(request, second.attempt, Answer(200, {}, b"right"))
    assert service.store.begin(request, "f", now + LEASE) == Answer(200, {}, b"right")
