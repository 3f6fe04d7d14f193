"""Every call is in the audit log before it is answered; a change is there in its own transaction, or not made."""

from __future__ import annotations

import json
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from api_service import bearer, problem
from sqlalchemy.exc import OperationalError
from whole_service import Whole, adopted, new_tenant

from infra.api.audit.note import CallEntry
from infra.api.audit.trail import AuditTrail
from infra.api.rate_limit import RateLimiter
from infra.api.settings import RateSettings
from infra.store import audit_log, operations, tenants
from infra.store.audit_log import Broken, Intact
from infra.store.database import reading, transaction

pytestmark = pytest.mark.anyio


def _said(whole: Whole) -> list[tuple[str, str, str, str]]:
    return [(each.actor, each.action, each.subject, each.outcome) for each in whole.log()]


async def test_every_call_has_its_entry(whole: Whole) -> None:
    """Allowed and refused, with a token and without, of a route and of none; what is public has none."""
    async with whole.client() as client:
        await client.get("/v1/me")
        await client.get("/v1/tenants/absent")
        await client.get("/v1/nowhere")
        await client.delete("/v1/tenants/acme")
        await client.get("/healthz")
        await client.get("/v1/openapi.json")
    async with whole.client("auditor", sub="olga") as client:
        await client.post("/v1/tenants", json=new_tenant("umbra"))
    async with whole.client(None) as client:
        await client.get("/v1/tenants/acme")
        await client.post("/v1/tenants", content=b"x" * 200_000)
    assert _said(whole) == [
        ("ada", "me.read", "me", "allowed"),
        ("ada", "tenants.read", "tenants/absent", "refused"),
        ("", "GET", "unmatched", "refused"),
        ("", "DELETE", "tenants/acme", "refused"),
        ("olga", "tenants.create", "tenants", "refused"),
        ("", "tenants.read", "tenants/acme", "refused"),
        ("", "POST", "unmatched", "refused"),
    ]
    with reading(whole.store) as connection:
        assert isinstance(audit_log.verify(connection), Intact)


async def test_a_change_is_recorded_with_what_it_is(whole: Whole) -> None:
    """Once, with the operation and the keys that change, and none of their values."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        patch = {"owner": "secret-owner@acme.example", "tags": {"key": "secret-value"}}
        answer = await client.patch("/v1/tenants/acme", json=patch, headers={"If-Match": "*"})
    last = whole.log()[-1]
    assert (last.actor, last.action, last.subject, last.outcome) == ("ada", "tenants.update", "tenants/acme", "allowed")
    detail = json.loads(last.detail)
    assert detail["operation"] == answer.json()["id"]
    assert detail["kind"] == "update"
    assert detail["changed"] == ["owner", "tags/key"]
    assert detail["request_id"] == answer.headers["x-request-id"]
    assert detail["roles"] == ["platform-admin"]
    assert [each.action for each in whole.log()].count("tenants.update") == 1
    assert "secret" not in last.detail


async def test_a_change_that_cannot_be_recorded_is_not_made(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tenant, its operation and its job go with the entry."""

    def fails(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr("infra.api.asking.append_call", fails)
    async with whole.client() as client:
        problem(await client.post("/v1/tenants", json=new_tenant("umbra")), 503, "unavailable")
    with reading(whole.store) as connection:
        assert (tenants.page(connection), operations.page(connection)) == ([], [])


async def test_a_call_that_cannot_be_recorded_is_not_answered(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a read: what nobody can find out was not shown."""
    async with whole.client() as client:
        assert "ada" in (await client.get("/v1/me")).text

        def fails(*_: object, **__: object) -> None:
            raise OperationalError("INSERT", {}, Exception("disk full"))

        monkeypatch.setattr("infra.api.audit.trail.append_call", fails)
        answer = await client.get("/v1/me")
        problem(answer, 503, "unavailable")
        assert "ada" not in answer.text


async def test_what_is_sent_is_not_written(whole: Whole) -> None:
    """Neither tokens, queries, headers nor odd ids: a secret may have been pasted anywhere."""
    token = whole.issuer.token()
    async with whole.client() as client:
        await client.get(f"/v1/tenants?page_token={token}&x=hunter2")
        await client.get(f"/v1/tenants/{token}")
        await client.get(f"/v1/operations/{token}")
        await client.get(f"/{token}")
        await client.get("/v1/me", headers={"X-Secret": "hunter2", "X-Request-Id": token})
        await client.post("/v1/tenants/acme:upgrade", json={"to": "hunter2 "})
    async with whole.client(None) as client:
        await client.get("/v1/me", headers=bearer(token + "x"))
    text = "".join(f"{each.subject}{each.detail}{each.action}{each.actor}" for each in whole.log())
    assert len(whole.log()) == 7
    assert token[-40:] not in text
    assert "hunter2" not in text


async def test_entries_are_of_bounded_size(whole: Whole) -> None:
    """Whatever is sent: many changed keys with long names, a long subject, a long path."""
    await adopted(whole, "acme")
    tags = {f"key{index}-{'x' * 100}": "v" for index in range(40)}
    async with whole.client(sub="s" * 255) as client:
        answer = await client.patch("/v1/tenants/acme", json={"tags": tags}, headers={"If-Match": "*"})
        assert answer.status_code == 202, answer.text
        await client.request("X" * 200, "/v1/me" + "y" * 5_000)
    assert max(len(each.detail) for each in whole.log()) < 8_000
    assert max(len(each.subject) + len(each.action) for each in whole.log()) < 200


async def test_calls_at_once_share_transactions(whole: Whole) -> None:
    """A hundred calls are a hundred entries, in one chain, in far fewer transactions than calls."""
    written: list[int] = []
    trail = _trail(whole, written)
    async with anyio.create_task_group() as group:
        for index in range(100):
            group.start_soon(trail.record, _entry(f"caller{index}"))
    assert sorted(each.actor for each in whole.log()) == sorted(f"caller{index}" for index in range(100))
    assert sum(written) == 100
    assert len(written) <= 3
    with reading(whole.store) as connection:
        assert isinstance(audit_log.verify(connection), Intact)


async def test_who_goes_away_is_recorded(whole: Whole) -> None:
    """A call whose sender has gone while its entry waited is in the log nevertheless."""
    trail = _trail(whole, [])
    async with anyio.create_task_group() as group:
        for index in range(20):
            group.start_soon(trail.record, _entry(f"caller{index}"))
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    assert len(whole.log()) == 20


async def test_a_flood_is_counted(whole: Whole) -> None:
    """Beyond the limit refused calls of one sender have no entry each, but none is forgotten."""
    whole.failure_rate, whole.clock = RateSettings(per_second=1.0, burst=5), whole.issuer.clock
    async with whole.client(None) as client:
        for _ in range(50):
            await client.get("/v1/me")
    assert len(whole.log()) == 5
    whole.issuer.clock.seconds += 2
    async with whole.client(None) as client:
        await client.get("/v1/me")
    assert json.loads(whole.log()[-1].detail)["refused_before"] == 45
    async with whole.client(None) as client:
        for _ in range(10):
            await client.get("/v1/me")
    async with whole.app.router.lifespan_context(whole.app):
        """The service ends."""
    assert json.loads(whole.log()[-1].detail)["refused_before"] == 9


async def test_a_changed_entry_is_found(whole: Whole) -> None:
    """The chain over entries of calls and changes breaks where one of them was altered."""
    await adopted(whole, "acme")
    with transaction(whole.store) as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_log_keep")
        connection.exec_driver_sql("UPDATE audit_log SET actor = 'mallory' WHERE sequence = 1")
    with reading(whole.store) as connection:
        assert audit_log.verify(connection) == Broken(sequence=1, why="it was changed after it was written")


async def test_the_log_is_read_in_pages(whole: Whole) -> None:
    """The oldest first, of one subject where asked, with the chain; reading it is recorded too."""
    await adopted(whole, "acme", "globex")
    async with whole.client("auditor") as client:
        seen: list[dict[str, Any]] = []
        token = ""
        while True:
            page = (await client.get(f"/v1/audit-log?page_size=2&page_token={token}")).json()
            seen += page["items"]
            token = page["next_page_token"]
            if not token:
                break
        of_acme = (await client.get("/v1/audit-log?subject=tenants/acme")).json()["items"]
    assert [each["sequence"] for each in seen] == list(range(1, len(seen) + 1))
    assert [one["hash"] for one in seen[:-1]] == [other["previous"] for other in seen[1:]]
    assert [each["action"] for each in of_acme] == ["tenants.create"]
    assert whole.log()[-1].action == "audit.read"


def _entry(actor: str) -> CallEntry:
    return CallEntry(actor=actor, action="me.read", subject="me", outcome="allowed", detail={})


def _trail(whole: Whole, written: list[int]) -> AuditTrail:
    clock = whole.issuer.clock
    trail = AuditTrail(store=whole.store, now=clock.utc, refusals=RateLimiter(settings=RateSettings(), clock=clock))
    append = trail._append  # pyright: ignore[reportPrivateUsage]

    def counted(entries: list[CallEntry]) -> None:
        written.append(len(entries))
        append(entries)

    trail._append = counted  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue]
    return trail
