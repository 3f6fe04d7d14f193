"""Three worker processes on one PostgreSQL, one killed midway: every operation comes to its end, once."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from scripted_service import ScriptedService
from waiting import wait_for

from infra.lifecycle.states import OperationKind, State
from infra.provisioning import requests
from infra.store.changes import Asked
from infra.store.database import transaction
from infra.store.ids import new_id
from infra.store.operations import OperationRunning
from tests.own_postgresql import OwnPostgresql

pytestmark = pytest.mark.xdist_group("postgresql")

TENANTS = [f"tenant{number}" for number in range(10)]
CALLERS = ("ann", "bob", "cleo")
HELD = "tenant7"


@pytest.fixture
def service(postgresql: OwnPostgresql, tmp_path: Path) -> Generator[ScriptedService]:
    url = postgresql.new_database(f"service{uuid.uuid4().hex[:8]}")
    made = ScriptedService(tmp_path, url, BULKHEAD_SERVICE_OPERATIONS="6", BULKHEAD_SERVICE_OPERATIONS_A_WORKER="2")
    yield made
    made.close()


def asked(caller: str) -> Asked:
    return Asked(operation=new_id(), caller=caller, priority=100, now=datetime.now(UTC))


def onboard(service: ScriptedService, number: int) -> None:
    with transaction(service.store) as connection:
        tenant = TENANTS[number]
        requests.onboard(connection, asked(CALLERS[number % len(CALLERS)]), tenant, {"id": tenant})


def update(service: ScriptedService, tenant: str) -> bool:
    """Ask for a change; returns whether it was accepted."""
    try:
        with transaction(service.store) as connection:
            requests.change(connection, asked("ann"), tenant, OperationKind.UPDATE, {})
    except OperationRunning:
        return False
    return True


def change_at_once(service: ScriptedService, tenants: list[str]) -> int:
    """Ask for a change of each of them four times, from threads; returns how many were accepted."""
    for tenant in tenants:
        (service.home / f"hold-{tenant}").touch()
    with ThreadPoolExecutor(8) as threads:
        accepted = sum(threads.map(partial(update, service), tenants * 4))
    for tenant in tenants:
        (service.home / f"hold-{tenant}").unlink()
    return accepted


def _ended(service: ScriptedService) -> int:
    """How many operations have ended: the last step of none of them is about to be recorded."""
    return sum(each.ended_at is not None for each in service.operations())


def test_two_of_three_are_killed_midway(service: ScriptedService) -> None:
    """Every tenant is onboarded and none twice; then, of changes of one tenant at the same time, one is accepted."""
    for number in range(len(TENANTS)):
        onboard(service, number)
    (service.home / f"hold-{HELD}").touch()
    workers = [service.start_worker() for _ in range(3)]
    wait_for(lambda: _ended(service) == len(TENANTS) - 1, "all but the tenant that is held")
    started = Counter(service.lines("starts"))
    for worker in workers[:2]:
        worker.kill()
        worker.wait()
    (service.home / f"hold-{HELD}").unlink()
    service.wait_until_all_ended()
    service.require_once_each()
    again = Counter(service.lines("starts")) - started
    assert {line.split()[-1] for line in again} == {HELD}, "no step that had ended runs again"
    assert change_at_once(service, TENANTS[:3]) == 3
    service.wait_until_all_ended()
    assert update(service, TENANTS[0]), "afterwards, another one is"
    service.wait_until_all_ended()
    service.require_once_each()
    assert {each.condition.state for each in service.tenants()} == {State.ACTIVE}
    assert workers[2].poll() is None
