"""200 onboardings over HTTP at once, duplicates among them: the right tenants, fair turns, bounded memory."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from scripted_service import ScriptedService

from infra.api.auth.roles import Role
from infra.lifecycle.states import State
from infra.service.local_tokens import local_token
from infra.settings import load_settings
from infra.store.database import sqlite_url

#: Tenants that each caller asks for.
CALLERS = {"ann": 80, "bob": 20, "cleo": 12, "dan": 8}
#: Requests that are sent a second time with the same key, and tenants that another caller asks for as well.
REPEATED, STOLEN = 40, 40
MOST_MEGABYTES = 600


@dataclass(frozen=True)
class Sent:
    caller: str
    tenant: str
    key: str


def wanted() -> list[Sent]:
    """200 requests for 120 tenants."""
    first = [
        Sent(caller, f"{caller}{number}", uuid.uuid4().hex)
        for caller, count in CALLERS.items()
        for number in range(count)
    ]
    stolen = [Sent("dan", each.tenant, uuid.uuid4().hex) for each in first[REPEATED : REPEATED + STOLEN]]
    return [*first, *first[:REPEATED], *stolen]


def spec(tenant: str, number: int) -> dict[str, Any]:
    return {
        "id": tenant,
        "display_name": tenant.title(),
        "owner": f"lead@{tenant}.example",
        "tier": "pool",
        "region": "eu-central-1",
        "data_residency": ["eu-central-1"],
        "cost_center": tenant,
        "monthly_budget": {"limit_usd": 900, "contacts": [f"finops@{tenant}.example"]},
        "network": {"cell": "main", "cidr": f"10.64.{number}.0/24"},
        "identity": {
            "deploy": {"repository": f"{tenant}/models", "environment": "production"},
            "data_scientists": f"{tenant}-scientists",
        },
    }


@pytest.fixture
def service(tmp_path: Path) -> Generator[ScriptedService]:
    specs = tmp_path / "specs"
    specs.mkdir()
    made = ScriptedService(
        tmp_path,
        sqlite_url(tmp_path / "service.sqlite"),
        BULKHEAD_SPECS=str(specs),
        BULKHEAD_SERVICE_OPERATIONS="8",
        BULKHEAD_SERVICE_OPERATIONS_A_WORKER="8",
        BULKHEAD_API_RATE__PER_SECOND="1000",
        BULKHEAD_API_RATE__BURST="1000",
    )
    yield made
    made.close()


async def send_all(address: str, requests: list[Sent], tokens: dict[str, str]) -> list[httpx.Response]:
    """Send all at the same time; a key whose first request has not been answered yet is sent again, as told to."""
    numbers = {tenant: number for number, tenant in enumerate(dict.fromkeys(each.tenant for each in requests))}
    limits = httpx.Limits(max_connections=len(requests))
    async with httpx.AsyncClient(base_url=address, timeout=300, limits=limits, trust_env=False) as client:

        async def send(each: Sent) -> httpx.Response:
            headers = {"Authorization": f"Bearer {tokens[each.caller]}", "Idempotency-Key": each.key}
            while True:
                body = spec(each.tenant, numbers[each.tenant])
                answer = await client.post("/v1/tenants", json=body, headers=headers)
                if answer.status_code != 409 or not answer.json()["type"].endswith("idempotency-key-in-use"):
                    return answer
                await asyncio.sleep(float(answer.headers["retry-after"]))

        return await asyncio.gather(*map(send, requests))


def test_200_at_once(service: ScriptedService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKHEAD_HOME", str(service.home))
    settings = load_settings()
    tokens = {name: local_token(settings, name, [Role.OPERATOR], None, timedelta(hours=1)) for name in CALLERS}
    requests = wanted()
    api, address = service.start_api()
    answers = asyncio.run(send_all(address, requests, tokens))
    # Asked for before a worker is there: the order of turns is that of fairness alone.
    _require_the_right_answers(requests, answers)
    worker = service.start_worker()
    service.wait_until_all_ended()
    found = service.tenants()
    assert sorted(each.id for each in found) == sorted({each.tenant for each in requests})
    assert {each.condition.state for each in found} == {State.ACTIVE}
    service.require_once_each()
    _require_fair_turns(service)
    for process in (api, worker):
        assert psutil.Process(process.pid).memory_info().rss < MOST_MEGABYTES * 2**20
    assert api.poll() is None


def _require_the_right_answers(requests: list[Sent], answers: list[httpx.Response]) -> None:
    """Of the two requests for one tenant by different callers one was accepted; a repeated one was answered alike."""
    assert {answer.status_code for answer in answers} == {202, 409}, Counter(answer.text for answer in answers)
    operations: dict[str, set[str]] = {}
    for each, answer in zip(requests, answers, strict=True):
        if answer.status_code == 202:
            operations.setdefault(each.tenant, set()).add(answer.headers["location"])
    assert operations.keys() == {each.tenant for each in requests}
    assert all(len(locations) == 1 for locations in operations.values())
    assert len({location for locations in operations.values() for location in locations}) == len(operations)
    refused = [answer for answer in answers if answer.status_code == 409]
    assert len(refused) == STOLEN
    by_key = Counter(each.key for each, answer in zip(requests, answers, strict=True) if answer.status_code == 202)
    assert sum(count == 2 for count in by_key.values()) == REPEATED
    replayed = [answer for answer in answers if answer.headers.get("idempotency-replayed") == "true"]
    assert len(replayed) == REPEATED


def _require_fair_turns(service: ScriptedService) -> None:
    """The callers take turns: those who asked for little are through long before the one who asked for 80."""
    jobs = sorted(service.jobs(), key=lambda job: job.turn or 0)
    order = [job.request.caller for job in jobs]
    assert len(set(order)) == len(CALLERS)
    first = Counter(order[:40])
    assert min(first.values()) >= 7, first
    assert len(first) == len(CALLERS)
