"""Events come as a stream that is resumed after the last one that was seen, and ends when the operation is over."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import httpx
import pytest
from api_service import problem
from whole_service import Whole, adopted, new_tenant

from infra.api.sse import Streams, Watched
from infra.store.database import reading, transaction
from infra.store.events import Happening, after, append

pytestmark = pytest.mark.anyio


def parsed(text: str) -> list[dict[str, Any]]:
    """The events of a stream, each with its id; comments are left out."""
    found: list[dict[str, Any]] = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "data" in fields:
            found.append({"id": int(fields["id"]), "event": fields["event"], **json.loads(fields["data"])})
    return found


async def _requested(client: httpx.AsyncClient, tenant: str = "umbra") -> str:
    answer = await client.post("/v1/tenants", json=new_tenant(tenant))
    return str(answer.json()["id"])


async def test_all_events_of_an_operation(whole: Whole) -> None:
    """From the request to the end, in order, each with its number; then the stream ends by itself."""
    whole.stream_seconds = 60.0
    async with whole.client() as client:
        operation = await _requested(client)
        other = await _requested(client, "other1")
        whole.end_operation(operation)
        answer = await client.get(f"/v1/operations/{operation}/events")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        events = parsed(answer.text)
    with reading(whole.store) as connection:
        kept = after(connection, 0, operation=operation)
    assert [(each["id"], each["event"]) for each in events] == [(each.sequence, each.name) for each in kept]
    assert events[0]["event"] == "tenant.onboarding_requested"
    assert events[-1]["event"] == "operation.succeeded"
    assert {each["operation"] for each in events} == {operation}
    assert other not in answer.text


async def test_resumed_after_the_last_event_that_was_seen(whole: Whole) -> None:
    """Nothing is sent twice and nothing is left out; who has seen the end is told not to come again."""
    whole.stream_seconds = 60.0
    async with whole.client() as client:
        operation = await _requested(client)
        whole.end_operation(operation)
        path = f"/v1/operations/{operation}/events"
        whole_stream = parsed((await client.get(path)).text)
        statuses: list[int] = []
        for index, event in enumerate(whole_stream):
            answer = await client.get(path, headers={"Last-Event-ID": str(event["id"])})
            assert parsed(answer.text) == whole_stream[index + 1 :]
            statuses.append(answer.status_code)
        assert statuses == [200] * (len(whole_stream) - 1) + [204]


async def test_a_stream_is_cut_off_and_can_be_resumed(whole: Whole) -> None:
    """That of an operation that is not over, and that of a tenant, end after their time, and go on when asked again."""
    async with whole.client() as client:
        operation = await _requested(client)
        for path in (f"/v1/operations/{operation}/events", "/v1/tenants/umbra/events"):
            first = await client.get(path)
            assert first.text.endswith(": resume with Last-Event-ID\n\n")
            seen = parsed(first.text)
            assert [each["event"] for each in seen] == ["tenant.onboarding_requested", "operation.pending"]
            again = await client.get(path, headers={"Last-Event-ID": str(seen[-1]["id"])})
            assert (again.status_code, parsed(again.text)) == (200, [])


async def test_events_come_while_they_happen(whole: Whole) -> None:
    """A reader that waits gets what is committed meanwhile, and heartbeats in between."""
    whole.stream_seconds, whole.heartbeat_seconds = 1e6, 0.01
    async with whole.client() as client:
        operation = await _requested(client)
    streams = Streams(store=whole.store, settings=whole.service.streams.settings, clock=anyio.current_time)
    stream = streams.stream(Watched(operation=operation), 0)
    with anyio.fail_after(30):
        before = await _until(stream, b": alive")
        whole.end_operation(operation)
        rest = b"".join([part async for part in stream])
    assert b"operation.pending" in before
    assert b"operation.succeeded" not in before
    assert b"event: operation.succeeded" in rest


async def test_more_events_than_are_read_at_once(whole: Whole) -> None:
    """A long history comes whole."""
    await adopted(whole, "acme")
    happenings = [Happening(name="tenant.told", data={"number": number}) for number in range(150)]
    with transaction(whole.store) as connection:
        append(connection, "acme", "o1", happenings, whole.issuer.clock.utc())
    async with whole.client() as client:
        events = parsed((await client.get("/v1/tenants/acme/events")).text)
    with reading(whole.store) as connection:
        kept = after(connection, 0, tenant="acme", limit=10_000)
    assert len(kept) > 150
    assert [each["id"] for each in events] == [each.sequence for each in kept]


@pytest.mark.parametrize("last", ["x", "-1", "1e3", "٣", "9" * 19, "1 "])
async def test_an_id_that_no_stream_has_sent(whole: Whole, last: str) -> None:
    """It is refused."""
    async with whole.client() as client:
        operation = await _requested(client)
        headers = [(b"Last-Event-ID", last.encode())]
        answer = await client.get(f"/v1/operations/{operation}/events", headers=headers)
    problem(answer, 400, "malformed-request")


async def test_only_so_many_streams(whole: Whole) -> None:
    """Beyond the limit a reader is told to come later; a stream that ends makes room."""
    async with whole.client() as client:
        operation = await _requested(client)
        streams = whole.service.streams
        open_streams = [streams.stream(Watched(operation=operation), 0) for _ in range(streams.settings.max_streams)]
        for stream in open_streams:
            await anext(stream)
        path = f"/v1/operations/{operation}/events"
        problem(await client.get(path), 503, "unavailable")
        await open_streams[0].aclose()
        assert (await client.get(path)).status_code == 200
        for stream in open_streams[1:]:
            await stream.aclose()


async def test_streams_of_what_is_not_there(whole: Whole) -> None:
    """404, before a stream begins."""
    async with whole.client() as client:
        problem(await client.get("/v1/operations/absent/events"), 404, "not-found")
        problem(await client.get("/v1/tenants/absent/events"), 404, "not-found")


async def _until(stream: AsyncGenerator[bytes], mark: bytes) -> bytes:
    read = b""
    async for part in stream:
        read += part
        if mark in part:
            return read
    raise AssertionError(f"the stream ended without {mark!r}")
