"""The API is killed before each commit of each kind of request, and before its answer: sent again, it is done once.

API, store and workers are the real ones; steps are scripted. Always tried: each commit of one kind of request, one
commit of each other kind in turns, and cancellations in few steps; with the marker ``exhaustive``: all.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from infra.api.auth.roles import Role
from infra.gitops.patching import new_spec
from infra.lifecycle.states import OperationKind, State
from infra.service.local_tokens import local_token
from infra.settings import Settings
from infra.store import audit_log
from infra.store.audit_log import Intact
from infra.store.database import reading, sqlite_url, transaction
from infra.store.tables import idempotency_keys
from tests.faults.kill_bench import KillBench
from tests.faults.lifecycle_cases import Case, cancellable_cases, cancellation, covering, kinds, success
from tests.faults.natural_steps import FOLDER, rest_no_more
from tests.faults.natural_steps import MOMENTS as STEP_MOMENTS
from tests.faults.struck_api import BEFORE_ITS_ANSWER, HEADER
from tests.jobs.job_bench import ROOT
from tests.provisioning.estate_bench import Kind

#: A key is taken, the change is kept, its answer is kept, and it leaves.
FEWEST = 4
#: A tenant that is suspended is suspended again by nobody: there is nothing to ask for.
ASKED = tuple(what for what in kinds() if (what.kind, what.before) != (OperationKind.SUSPEND, State.SUSPENDED))


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request for an operation.

    Args:
        method: Of HTTP.
        path: Of the URL.
        body: As JSON; None: none.
        patches: Whether the body is a patch of the version that the tenant has.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    patches: bool = False


def spec_of(tenant: str, number: int, state: str) -> dict[str, Any]:
    """The spec of a tenant of tier pool without models."""
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
        "lifecycle": {"state": state, "prevent_deletion": False},
    }


def request_for(what: Kind, tenant: str, spec: Mapping[str, Any]) -> Sent:
    """How an operation of a kind is asked for."""
    address = f"/v1/tenants/{tenant}"
    match what.kind:
        case OperationKind.ONBOARD:
            return Sent(method="POST", path="/v1/tenants", body=spec)
        case OperationKind.UPDATE:
            return Sent(method="PATCH", path=address, body={"monthly_budget": {"limit_usd": 1200}}, patches=True)
        case OperationKind.MOVE:
            silo = {"tier": "silo", "network": {"cell": None, "cidr": "10.96.0.0/22"}}
            return Sent(method="PATCH", path=address, body=silo, patches=True)
        case OperationKind.UPGRADE:
            return Sent(method="POST", path=f"{address}:upgrade", body={"to": "main"})
        case OperationKind.SUSPEND | OperationKind.RESUME | OperationKind.ERASE:
            return Sent(method="POST", path=f"{address}:{what.kind}")


class Api:
    """The API of a bench's database, started anew whenever it is killed; who calls meanwhile waits.

    Args:
        bench: Whose database.
        twin: The defect that the API has; "-": none.
    """

    def __init__(self, bench: KillBench, twin: str = "-") -> None:
        self._bench = bench
        self.specs = bench.folder / "specs"
        self.specs.mkdir()
        settings = Settings(home=bench.folder, specs=self.specs)
        token = local_token(settings, "ada", [Role.PLATFORM_ADMIN], None, timedelta(hours=1))
        environment = {
            "PATH": os.defpath,
            "HOME": str(bench.folder),
            "BULKHEAD_HOME": str(bench.folder),
            "BULKHEAD_SPECS": str(self.specs),
            "BULKHEAD_API_RATE__PER_SECOND": "1000",
            "BULKHEAD_API_RATE__BURST": "1000",
            "DATABASE_URL": bench.settings.database_url,
            FOLDER: str(bench.folder),
        }
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        descriptor = self._listener.fileno()
        with (bench.folder / "api-log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.struck_api", str(descriptor), twin],
                cwd=ROOT, env=environment, pass_fds=[descriptor], stdout=log, stderr=log,
            )  # fmt: skip
        self._base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, sent: Sent, key: str, version: str | None, struck_at: int | None = None) -> httpx.Response:
        """Send a request, by a connection of its own: those of a process that was killed are no use.

        Raises:
            httpx.TransportError: the API was killed before it answered.
        """
        headers = {**self._headers, "Idempotency-Key": key}
        headers |= {} if version is None else {"If-Match": version}
        headers |= {} if struck_at is None else {HEADER: str(struck_at)}
        return self._call(sent.method, sent.path, headers, sent)

    def version(self, tenant: str) -> str:
        """The version that a tenant has."""
        answer = self._call("GET", f"/v1/tenants/{tenant}", self._headers, None)
        assert answer.status_code == 200, answer.text
        return answer.headers["etag"]

    def was_the_last_place(self) -> bool:
        """Whether the process was killed with nothing left to do but to answer."""
        marker = self._bench.folder / BEFORE_ITS_ANSWER
        found = marker.exists()
        marker.unlink(missing_ok=True)
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.close()

    def _call(self, method: str, path: str, headers: Mapping[str, str], sent: Sent | None) -> httpx.Response:
        content = None if sent is None or sent.body is None else json.dumps(sent.body)
        kind = "application/merge-patch+json" if sent is not None and sent.patches else "application/json"
        with httpx.Client(base_url=self._base_url, timeout=60, trust_env=False) as client:
            return client.request(method, path, content=content, headers={**headers, "Content-Type": kind})


@pytest.fixture
def bench(tmp_path: Path) -> Generator[KillBench]:
    made = KillBench(tmp_path, sqlite_url(tmp_path / "api.sqlite"))
    yield made
    made.close()


@pytest.fixture
def api(bench: KillBench) -> Generator[Api]:
    made = Api(bench)
    yield made
    made.close()


def prepare(bench: KillBench, api: Api, what: Kind, tenant: str, number: int) -> Mapping[str, Any]:
    """A tenant in the state from which the operation starts, and its spec; of a new one, the spec alone."""
    state = "suspended" if what.before is State.SUSPENDED else "active"
    spec = spec_of(tenant, number, state)
    if what.kind is not OperationKind.ONBOARD:
        bench.settle(tenant, what.before)
        (api.specs / f"{tenant}.yaml").write_bytes(new_spec(spec))
    return spec


def let_time_pass(bench: KillBench) -> None:
    """Make it as if the minutes had passed after which a request without an answer counts as lost."""
    with transaction(bench.database) as connection:
        unanswered = idempotency_keys.c.status.is_(None)
        past = datetime.now(UTC) - timedelta(seconds=1)
        connection.execute(update(idempotency_keys).where(unanswered).values(leased_until=past))


def send_until_done(api: Api, bench: KillBench, sent: Sent, key: str, version: str | None, at: int) -> str:
    """Send a request whose process is killed, and send it again as told; returns the operation's id."""
    with pytest.raises(httpx.TransportError):
        api.send(sent, key, version, struck_at=at)
    let_time_pass(bench)
    answer = api.send(sent, key, version)
    assert answer.status_code == 202, answer.text
    again = api.send(sent, key, version)
    assert (again.status_code, again.text) == (202, answer.text)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == answer.headers["location"]
    return str(answer.json()["id"])


def ask_and_kill(api: Api, bench: KillBench, what: Kind, at: int, numbers: Iterator[int]) -> str:
    """Ask for an operation of a kind with the API killed before a commit, for another tenant each time.

    Returns:
        The operation's id.
    """
    number = next(numbers)
    tenant = f"tenant{number}"
    sent = request_for(what, tenant, prepare(bench, api, what, tenant, number))
    version = api.version(tenant) if sent.patches else None
    operation = send_until_done(api, bench, sent, f"key-{tenant}", version, at)
    bench.expect(operation, tenant, what, success(what))
    return operation


def ask_and_kill_at_each(api: Api, bench: KillBench, what: Kind, numbers: Iterator[int]) -> list[str]:
    """Ask for operations of a kind, once for each commit before which the API is killed; returns their ids."""
    asked: list[str] = []
    for at in count(1):
        asked.append(ask_and_kill(api, bench, what, at, numbers))
        if api.was_the_last_place():
            break
    return asked


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.exhaustive)], ids=["some", "all"])
def test_killed_before_every_commit_of_every_request(bench: KillBench, api: Api, *, every: bool) -> None:
    """Each operation is accepted once, with one entry in the audit log; then a worker brings them to their end."""
    numbers = count(1)
    operations = ask_and_kill_at_each(api, bench, ASKED[0], numbers)
    assert len(operations) >= FEWEST, "there are commits that were not seen"
    for turn, what in enumerate(ASKED[1:]):
        if every:
            operations += ask_and_kill_at_each(api, bench, what, numbers)
        else:
            operations.append(ask_and_kill(api, bench, what, turn % FEWEST + 1, numbers))
    _require_one_entry_each(bench, operations)
    bench.start_worker()
    bench.end()
    assert bench.wrong({}) == []


def test_an_api_that_writes_a_job_after_its_operation_is_found(bench: KillBench) -> None:
    """The broken twin: killed in between, it leaves an operation that nobody runs."""
    twin = Api(bench, "two transactions")
    try:
        numbers = count(1)
        asked = [ask_and_kill(twin, bench, ASKED[0], at, numbers) for at in range(1, FEWEST)]
    finally:
        twin.close()
    lost = [f"{operation}: its job is lost" for operation in asked]
    assert len({*lost} & {*bench.wrong({})}) == 1


@pytest.mark.parametrize(
    "cases",
    [covering(cancellable_cases())[:FEWEST], pytest.param(cancellable_cases(), marks=pytest.mark.exhaustive)],
    ids=["some", "all"],
)
def test_killed_before_every_commit_of_a_cancellation_at_every_step(
    bench: KillBench, api: Api, cases: Sequence[Case]
) -> None:
    """The step runs meanwhile, by a worker that nobody kills; the operation ends as cancelled, and is put back once."""
    let_go = bench.points.close()
    places = [(case.name, case.step, STEP_MOMENTS[0]) for case in cases]
    for case, place in zip(cases, places, strict=True):
        bench.points.hold(*place)
        rest_no_more(bench.folder, case.name)
        bench.ask(case.name, case.what)
        bench.expect(case.name, case.name, case.what, cancellation(case.what, case.step))
    bench.start_worker()
    bench.reached(places)
    for number, case in enumerate(cases):
        cancel = Sent(method="POST", path=f"/v1/operations/{case.name}:cancel")
        assert send_until_done(api, bench, cancel, f"key-{case.name}", None, number % FEWEST + 1) == case.name
    let_go()
    bench.end()
    assert bench.wrong({}) == []
    with reading(bench.database) as connection:
        assert isinstance(audit_log.verify(connection), Intact)


def _require_one_entry_each(bench: KillBench, operations: list[str]) -> None:
    with reading(bench.database) as connection:
        assert isinstance(audit_log.verify(connection), Intact)
        entries = audit_log.entries(connection, limit=10_000)
    accepted = [json.loads(each.detail).get("operation") for each in entries if each.outcome == "allowed"]
    assert sorted(each for each in accepted if each) == sorted(operations)
