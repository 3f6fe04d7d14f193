"""A caller sends only so much: bodies have a size, requests a rate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from api_service import Service, bearer, problem

from infra.api.rate_limit import RateLimiter
from infra.api.settings import RateSettings

pytestmark = pytest.mark.anyio


def _body(size: int) -> bytes:
    head, tail = b'{"tenant": "acme", "size": 1, "tags": ["', b'"]}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


async def _in_parts(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 100):
        yield body[start : start + 100]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(("size", "status"), [(2_000, 202), (2_001, 413), (50_000, 413)])
async def test_bodies(service: Service, size: int, status: int, streamed: bool) -> None:
    """A body up to the limit is taken and a larger one refused, whether or not its length is announced."""
    content = _in_parts(_body(size)) if streamed else _body(size)
    async with service.client() as client:
        answer = await client.post("/v1/tenants", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    if status == 413:
        assert "2,000 bytes" in problem(answer, 413, "content-too-large")["detail"]
        assert answer.headers["connection"] == "close"


async def test_reading_stops_at_the_limit(service: Service) -> None:
    """Of an endless body no more is read than the limit."""
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 100
            yield b"x" * 100

    async with service.client() as client:
        problem(await client.post("/v1/tenants", content=endless()), 413, "content-too-large")
    assert read <= 2_200


async def test_understated_length(service: Service) -> None:
    """A body that is longer than its announced length is measured, not believed."""
    headers = {"Content-Type": "application/json", "Content-Length": "10"}
    async with service.client() as client:
        answer = await client.post("/v1/tenants", content=_in_parts(_body(5_000)), headers=headers)
    problem(answer, 413, "content-too-large")


@pytest.mark.parametrize(("length", "status"), [("-1", 400), ("ten", 400), ("1e3", 400), ("٣", 400), ("9" * 30, 413)])
async def test_odd_lengths(service: Service, length: str, status: int) -> None:
    """A length that is no number of bytes is malformed; a huge one is too large."""
    async with service.client() as client:
        answer = await client.post("/v1/tenants", content=b"{}", headers=[(b"Content-Length", length.encode())])
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_callers_have_their_own_limit(service: Service) -> None:
    """A caller who has used the burst waits for as long as the answer says; others do not."""
    service.rate = RateSettings(per_second=0.5, burst=3)
    async with service.client() as client:
        assert [(await client.get("/v1/tenants")).status_code for _ in range(4)] == [200, 200, 200, 429]
        refused = await client.get("/v1/tenants")
        problem(refused, 429, "too-many-requests")
        assert refused.headers["retry-after"] == "2"
        other = bearer(service.issuer.token(sub="bob"))
        assert (await client.get("/v1/tenants", headers=other)).status_code == 200
        service.clock.seconds += 2
        assert [(await client.get("/v1/tenants")).status_code for _ in range(2)] == [200, 429]
        assert (await client.get("/healthz")).status_code == 200


async def test_a_new_token_is_no_new_caller(service: Service) -> None:
    """The limit is of the caller, not of the token."""
    service.rate = RateSettings(per_second=1, burst=2)
    async with service.client() as client:
        statuses = [
            (await client.get("/v1/tenants", headers=bearer(service.issuer.token(jti=str(n))))).status_code
            for n in range(3)
        ]
    assert statuses == [200, 200, 429]


async def test_failures_are_limited_by_address(service: Service) -> None:
    """Guessing from an address is slowed down, without locking out a caller there who has a token."""
    service.failure_rate = RateSettings(per_second=1, burst=2)
    async with service.client() as client:
        wrong: list[httpx.Response] = [await client.get("/v1/tenants", headers=bearer("x")) for _ in range(3)]
        wrong.append(await client.get("/v1/tenants", headers={"Authorization": ""}))
        right = await client.get("/v1/tenants")
    assert [answer.status_code for answer in wrong] == [401, 401, 429, 429]
    assert right.status_code == 200


@dataclass
class _Ticks:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_bucket_fills_no_further_than_its_burst() -> None:
    """After a long pause a caller may send one burst, not all that the pause would allow."""
    clock = _Ticks()
    limiter = RateLimiter(settings=RateSettings(per_second=10, burst=5), clock=clock)
    assert [limiter.take("ada") for _ in range(5)] == [0.0] * 5
    assert limiter.take("ada") == pytest.approx(0.1)
    clock.seconds = 1_000
    assert [bool(limiter.take("ada")) for _ in range(6)] == [False] * 5 + [True]


def test_memory_is_bounded() -> None:
    """Of more callers than are remembered the one longest unused is forgotten, not the one that sends."""
    limiter = RateLimiter(settings=RateSettings(per_second=0.001, burst=1, max_callers=2), clock=_Ticks())
    assert [bool(limiter.take(name)) for name in ("ada", "bob", "ada", "cyd", "ada", "bob")] == [
        False,
        False,
        True,
        False,
        True,
        False,
    ]
