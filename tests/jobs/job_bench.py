"""A database, a folder and workers that a test starts, kills and asks."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import update

from infra.jobs import JobRecord, JobRequest, JobSettings
from infra.store.database import open_store, sqlite_url, transaction
from infra.store.tables import job_tickets
from tests.jobs.desk import Desk

ROOT = Path(__file__).parents[2]
_PATIENCE = 150.0
_PAUSE = 0.02


def wait_for(
    condition: Callable[[], bool],
    what: str,
    log: Path | None = None,
    patience: float = _PATIENCE,
    pause: float = _PAUSE,
) -> None:
    """Wait until something is so; a test that waits in vain fails after so many seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            tail = "" if log is None or not log.exists() else log.read_text()[-3000:]
            pytest.fail(f"waited in vain for {what}\n{tail}")
        time.sleep(pause)


class Bench:
    """One test's database and workers."""

    def __init__(
        self, folder: Path, database_url: str | None, limit: int = 8, module: str = "tests.jobs.run_worker"
    ) -> None:
        self.folder = folder
        self._module = module
        self._log = folder / "log"
        url = database_url or sqlite_url(folder / "service.sqlite")
        self.settings = JobSettings(folder=folder, database_url=url, global_limit=limit, worker_limit=limit)
        self.database = open_store(url)
        self.tickets = Desk(self.database)
        self._workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        fields = asdict(self.settings) | {"folder": str(self.folder), "keep": None}
        with self._log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", self._module, json.dumps(fields)],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        self._workers.append(worker)
        return worker

    def environment(self) -> dict[str, str]:
        """The environment of workers."""
        return dict(os.environ)

    def wait_until_working(self, worker: subprocess.Popen[bytes]) -> None:
        """Wait until a worker has started."""
        wait_for((self.folder / f"worker-{worker.pid}").exists, f"worker {worker.pid}", self._log)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """Kill a worker alone; what it started has to end by itself."""
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def request(
        self, name: str, tenant: str = "acme", caller: str = "ann", kind: str = "onboard", **arguments: Any
    ) -> JobRequest:
        return JobRequest(name, tenant, caller, kind, {"folder": str(self.folder), **arguments})

    def wait_until_ended(self, *names: str) -> list[JobRecord]:
        wait_for(
            lambda: all(self.tickets.get(name).status.is_final for name in names),
            f"the end of {names}",
            self._log,
        )
        return [self.tickets.get(name) for name in names]

    def wait_until_reached(self, name: str) -> None:
        wait_for((self.folder / f"reached-{name}").exists, f"{name} in its middle", self._log)

    def let_go(self, name: str) -> None:
        (self.folder / f"open-{name}").touch()

    def age(self, name: str, by: timedelta) -> None:
        """Make it as if a job had ended that much earlier."""
        with transaction(self.database) as connection:
            ended = datetime.now(UTC) - by
            connection.execute(update(job_tickets).where(job_tickets.c.id == name).values(ended_at=ended))

    def lines(self, file: str) -> list[str]:
        path = self.folder / file
        return path.read_text().splitlines() if path.exists() else []

    def close(self) -> None:
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            worker.wait()
        self.database.dispose()
        for pid in [int(line.split()[-1]) for line in [*self.lines("children"), *self.lines("starts")]]:
            wait_for(lambda pid=pid: not lives(pid), f"the end of process {pid}")


def lives(pid: int) -> bool:
    """Whether a process is there and more than a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
