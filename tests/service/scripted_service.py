"""A service of real processes, in which only the steps are scripted: its database, its workers and its API."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil
from sqlalchemy import Engine
from waiting import lives, wait_for

from infra.jobs import JobRecord, tickets
from infra.settings import ROOT
from infra.store import events, operations, tenants
from infra.store.database import open_store, reading
from infra.store.events import StoredEvent
from infra.store.operations import OperationRecord
from infra.store.tenants import TenantRecord
from tests.service.scripted_plans import FOLDER

_MANY = 10_000


class ScriptedService:
    """One home, one database, and processes that a test starts and kills.

    Args:
        home: The home; the steps write into it as well.
        database_url: The database.
    """

    def __init__(self, home: Path, database_url: str, **settings: str) -> None:
        self.home = home
        self.environment = {
            "PATH": os.defpath,
            "HOME": str(home),
            "BULKHEAD_HOME": str(home),
            "DATABASE_URL": database_url,
            FOLDER: str(home),
            **settings,
        }
        self.store: Engine = open_store(database_url)
        self._started: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self._start("tests.service.run_scripted_worker")

    def start_api(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start the API; returns its process and its address."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            started = self._start("infra.service.children.api", str(listener.fileno()), descriptor=listener.fileno())
        return started, f"http://127.0.0.1:{port}"

    def lines(self, file: str) -> list[str]:
        path = self.home / file
        return path.read_text().splitlines() if path.exists() else []

    def jobs(self) -> list[JobRecord]:
        with reading(self.store) as connection:
            return tickets.listed(connection)

    def operations(self) -> list[OperationRecord]:
        with reading(self.store) as connection:
            return operations.page(connection, limit=_MANY)

    def tenants(self) -> list[TenantRecord]:
        with reading(self.store) as connection:
            return tenants.page(connection, limit=_MANY)

    def events(self) -> list[StoredEvent]:
        with reading(self.store) as connection:
            return events.after(connection, 0, limit=_MANY)

    def wait_until_all_ended(self) -> None:
        wait_for(lambda: all(each.ended_at is not None for each in self.operations()), "the end of all operations")

    def require_once_each(self) -> None:
        """Each operation succeeded, had each of its steps' effects once, and told each of its transitions once."""
        records = self.operations()
        assert {(str(each.operation.state), each.operation.failure) for each in records} == {("succeeded", None)}
        effects = [f"{each.operation.id} {step.name}" for each in records for step in each.operation.steps]
        assert sorted(self.lines("effects")) == sorted(effects)
        told = self.events()
        assert [each.sequence for each in told] == list(range(1, len(told) + 1))
        moves = Counter((each.operation, each.name) for each in told if each.name.startswith("tenant."))
        assert set(moves.values()) == {1}
        for each in records:
            causes = [event for step in each.operation.steps for event in (step.begins, step.ends) if event]
            assert {f"tenant.{event}" for event in causes} <= {
                name for found, name in moves if found == each.operation.id
            }

    def close(self) -> None:
        descendants = [
            child.pid
            for started in self._started
            if started.poll() is None
            for child in psutil.Process(started.pid).children(recursive=True)
        ]
        for started in self._started:
            with started:
                started.kill()
        self.store.dispose()
        for pid in descendants:
            wait_for(lambda pid=pid: not lives(pid), f"the end of process {pid}")

    def _start(self, module: str, *arguments: str, descriptor: int | None = None) -> subprocess.Popen[bytes]:
        with (self.home / f"{module}.log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                pass_fds=() if descriptor is None else (descriptor,),
            )
        self._started.append(started)
        assert started.stdout is not None
        said = started.stdout.readline()
        assert said == b"ready\n", (self.home / f"{module}.log").read_text()[-3000:]
        return started
