"""Operations on the real engine and an embedded cloud, and the moments in the middle of a run of the engine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from typing_extensions import override

from infra.engine import Operation
from infra.engine.local_state import stack_file
from infra.engine.private_files import private_folder
from infra.jobs import JobFailure
from infra.lifecycle.states import OperationKind
from infra.operations import run
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.provisioning import requests
from infra.provisioning.context import Work
from infra.store.changes import Asked
from infra.store.database import sqlite_url, transaction
from tests.acceptance.census import ids, take
from tests.acceptance.killing import engines
from tests.acceptance.land import Land
from tests.faults.kill_bench import PATIENCE, PAUSE, KillBench
from tests.faults.lifecycle_cases import Ending
from tests.faults.natural_steps import FOLDER
from tests.faults.tenant_life import TENANT, Act, Place, Runs, arguments_of
from tests.jobs.job_bench import ROOT, lives, wait_for
from tests.provisioning.estate_bench import NOW, Kind

_PENDING = b'"pending_operations"'
_LOOK_SECONDS = 0.1
#: While an engine runs, the cloud runs for less than one call takes, and stands still in between: no call begins and
#: ends unseen.
_RUNNING_SECONDS = 0.002
_STOPPED_SECONDS = 0.005


class RealBench(KillBench):
    """The service's database of an estate, its workers, and the platform that is up.

    Args:
        land: The estate; its cloud is empty.
    """

    def __init__(self, land: Land) -> None:
        folder = private_folder(land.home / "service")
        super().__init__(folder, sqlite_url(folder / "service.sqlite"), limit=4)
        self.land = land
        self.worker: subprocess.Popen[bytes] | None = None
        with Work(land.settings) as work:
            cloud = work.workspace.cloud.sandbox  # the account gets the roles that are there before any stack
            assert cloud is not None
            self._empty = ids(take(land.client))
            for result in run.apply(work.workspace, [PLATFORM_STACK], Operation.UP):
                assert result.outcome == "succeeded", result.error
        self._platform = ids(take(land.client))
        self._cloud = _cloud_of(land)
        state = stack_file(land.settings.backend_url, tenant_stack(TENANT))
        assert state is not None
        self._state = state

    @override
    def start_worker(self, *more: str) -> subprocess.Popen[bytes]:
        fields = asdict(self.settings) | {"folder": str(self.folder), "keep": None}
        with self.log.open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.real_worker", json.dumps(fields), *more],
                cwd=ROOT, env=self.land.environment(**{FOLDER: str(self.folder)}), stdout=log, stderr=log,
            )  # fmt: skip
        self._workers.append(self.worker)
        return self.worker

    @override
    def made_by(self, operation: str) -> list[str]:
        return []  # what is made is in the cloud: see `disagreements`

    @override
    def to_be_made(self, what: Kind, ending: Ending) -> list[str]:
        return []

    def begin(self, act: Act, ending: Ending | None = None) -> None:
        """Ask for an operation, which must end as told; else as it does where it is not disturbed."""
        self.expect(act.name, TENANT, act.what, ending or act.ending)
        self._ask(act, act.name)

    def try_again(self, act: Act) -> JobFailure | None:
        """Ask for an operation once more, and wait for its end; returns why it failed."""
        name = f"{act.name}-again"
        self._ask(act, name)
        self.end(name)
        return self.tickets.get(name).failure

    def _ask(self, act: Act, name: str) -> None:
        asked = Asked(operation=name, caller="ada", priority=5, now=NOW)
        arguments = arguments_of(act, self.land.specs / f"{TENANT}.yaml")
        with transaction(self.database) as connection:
            if act.what.kind is OperationKind.ONBOARD:
                requests.onboard(connection, asked, TENANT, arguments["spec"])
            else:
                requests.change(
                    connection, asked, TENANT, act.what.kind, arguments, stays_suspended=act.what.stays_suspended
                )

    def disagreements(self) -> list[str]:
        """Where cloud and states differ: what is there twice or without an owner, and what is not there any more."""
        there = take(self.land.client)
        known = {each for each in self.land.resources() if each[0] in there}
        made = ids(there) - self._empty
        return [f"only in the cloud: {each}" for each in sorted(made - known)] + [
            f"only in the state: {each}" for each in sorted(known - made)
        ]

    def left_of_tenants(self) -> set[tuple[str, str]]:
        """What is in the cloud besides the platform."""
        return ids(take(self.land.client)) ^ self._platform

    @contextlib.contextmanager
    def in_the_middle(self, act: Act, place: Place) -> Generator[psutil.Process]:
        """Stop the cloud while an engine runs in a step; it goes on, with what it was asked, at the end.

        Where the engine changes something, it has begun that and waits for the cloud.

        Args:
            act: The operation.
            place: The step.

        Returns:
            The engine.
        """
        wait_for(
            lambda: self.steps_done(act.name) >= place.done, f"{act.name}: {place.step}", self.log, PATIENCE, PAUSE
        )
        engine = self._stop_in_the_middle(act, place)
        try:
            yield engine
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._cloud, signal.SIGCONT)

    def _stop_in_the_middle(self, act: Act, place: Place) -> psutil.Process:
        while True:
            self._require_to_come(act, place)
            running = engines(self.descendants())
            while running and running[0].is_running():
                os.kill(self._cloud, signal.SIGSTOP)
                time.sleep(_STOPPED_SECONDS)
                if place.runs is Runs.PREVIEW or self._is_pending():
                    return running[0]
                os.kill(self._cloud, signal.SIGCONT)
                time.sleep(_RUNNING_SECONDS)
            time.sleep(_LOOK_SECONDS)

    def kill_cloud(self) -> None:
        """Kill the embedded cloud, and all that is in it."""
        os.kill(self._cloud, signal.SIGKILL)
        wait_for(lambda: not lives(self._cloud), "the end of the cloud")

    @override
    def close(self) -> None:
        left = [each.pid for each in self.descendants()]
        super().close()
        for pid in left:
            wait_for(lambda pid=pid: not lives(pid), f"the end of process {pid}")

    def descendants(self) -> list[psutil.Process]:
        """All processes below the worker that runs."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [] if self.worker is None else psutil.Process(self.worker.pid).children(recursive=True)
        return []

    def _is_pending(self) -> bool:
        """Whether the engine has begun something of which it does not know the end."""
        try:
            return _PENDING in self._state.read_bytes()
        except FileNotFoundError:
            return False

    def _require_to_come(self, act: Act, place: Place) -> None:
        over = self.tickets.get(act.name).status.is_final
        if over or self.steps_done(act.name) > place.done:
            pytest.fail(f"{act.name} has ended {place.step} unseen: {(self.folder / 'log').read_text()[-3000:]}")


def _cloud_of(land: Land) -> int:
    pid = land.sandbox.status().pid
    assert pid is not None
    return pid


def empty_estate(folder: Path) -> Land:
    """An estate with a cloud that is empty, and no tenants."""
    land = Land(folder)
    for spec in land.specs.glob("*.yaml"):
        spec.unlink()
    land.sandbox.up()
    return land
