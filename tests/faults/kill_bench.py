"""A bench of operations that are killed, and what is wrong with how they ended; nothing, where the service is sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection
from typing_extensions import override

from infra.jobs import JobStatus
from infra.jobs.model import JobMissing
from infra.lifecycle.operations import OperationState
from infra.store import events, operations, tenants
from infra.store.database import reading
from infra.store.events import StoredEvent
from tests.faults.lifecycle_cases import PUT_BACK, Ending, failure, steps, success
from tests.faults.natural_steps import FOLDER
from tests.faults.strike_points import StrikePoints
from tests.jobs.job_bench import ROOT, lives, wait_for
from tests.provisioning.estate_bench import EstateBench, Kind

_MANY = 100_000
#: In seconds; for a machine that does much else beside.
PATIENCE = 480.0
#: Between two looks, in seconds: what is waited for here takes long, and looking takes time from it.
PAUSE = 0.1
_STATUS = {
    OperationState.SUCCEEDED: JobStatus.SUCCEEDED,
    OperationState.FAILED: JobStatus.FAILED,
    OperationState.CANCELLED: JobStatus.CANCELLED,
}


class _Asked(NamedTuple):
    tenant: str
    what: Kind
    ending: Ending


class KillBench(EstateBench):
    """Operations with points at which whoever works on them is killed.

    Args:
        folder: An empty folder.
        database_url: PostgreSQL's; None: SQLite.
        limit: How many operations run at a time.
        twin: The defect that the workers have; "-": none.
    """

    def __init__(self, folder: Path, database_url: str | None = None, limit: int = 64, twin: str = "-") -> None:
        super().__init__(folder, database_url, limit)
        self._twin = twin
        self.points = StrikePoints(folder)
        self._asked: dict[str, _Asked] = {}

    @override
    def start_worker(self, *more: str) -> subprocess.Popen[bytes]:
        fields = asdict(self.settings) | {"folder": str(self.folder), "keep": None}
        command = [sys.executable, "-m", "tests.faults.struck_worker", json.dumps(fields), self._twin, *more]
        environment = {**os.environ, FOLDER: str(self.folder)}
        with self.log.open("ab") as log:
            worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._workers.append(worker)
        return worker

    @property
    def log(self) -> Path:
        """What the workers and others wrote on their standard error."""
        return self.folder / "log"

    def ask_for(self, name: str, what: Kind, **arguments: Any) -> None:
        """Ask for an operation, and keep how it must end."""
        fails = arguments.get("fails")
        self.expect(name, name, what, success(what) if fails is None else failure(what, fails))
        self.ask(name, what, **arguments)

    def expect(self, operation: str, tenant: str, what: Kind, ending: Ending) -> None:
        """Keep how an operation must end that was asked for."""
        self._asked[operation] = _Asked(tenant, what, ending)

    def steps_done(self, operation: str) -> int:
        """How many steps of an operation have ended."""
        with reading(self.database) as connection:
            return operations.get(connection, operation).operation.steps_done

    def wrong_with(self, operation: str) -> list[str]:
        """What is wrong with how one operation ended, and with its tenant, nothing else having happened to it since."""
        with reading(self.database) as connection:
            return self._wrong_of(connection, operation, self._asked[operation])

    def reached(self, places: Iterable[tuple[str, str, str]]) -> None:
        """Wait until somebody has come to each of the points."""
        for place in places:
            reached = partial(self.points.is_reached, *place)
            wait_for(reached, f"{place}", self.log, PATIENCE, PAUSE)

    def end(self, *names: str) -> None:
        """Wait until operations are over; all, where none is named."""
        left = list(names or self._asked)

        def over() -> bool:
            while left and self.tickets.get(left[-1]).status.is_final:
                left.pop()
            return not left

        wait_for(over, f"the end of {left}", self.log, PATIENCE, PAUSE)

    def wrong(self, controls: Mapping[str, str]) -> list[str]:
        """What is wrong with how the operations ended, each told in words.

        Args:
            controls: Of each operation that was struck: one of the same kind and arguments that was not.
        """
        with reading(self.database) as connection:
            told = events.after(connection, 0, limit=_MANY)
            found = self._wrong_altogether(connection, told)
            for name, asked in self._asked.items():
                found += [f"{name}: {each}" for each in self._wrong_of(connection, name, asked)]
        of: dict[str, list[Any]] = {name: [] for name in self._asked}
        for each in told:
            if each.operation in of:
                of[each.operation].append((each.name, json.loads(each.data)))
        found += [
            f"{name}: it told other events than {other}" for name, other in controls.items() if of[name] != of[other]
        ]
        return found

    def _wrong_altogether(self, connection: Connection, told: list[StoredEvent]) -> list[str]:
        found: list[str] = []
        if [each.sequence for each in told] != list(range(1, len(told) + 1)):
            found.append("the events have holes")
        jobs = {each.request.id for each in self.tickets.list()}
        rows = {each.operation.id for each in operations.page(connection, limit=_MANY)}
        if jobs != self._asked.keys():
            found.append(f"jobs and what was asked for differ: {sorted(jobs ^ self._asked.keys())}")
        if {each for each in rows if not each.startswith("earlier-")} != self._asked.keys():
            found.append(f"operations and what was asked for differ: {sorted(rows ^ self._asked.keys())}")
        if {each.id for each in tenants.page(connection, limit=_MANY)} != {
            each.tenant for each in self._asked.values()
        }:
            found.append("tenants were lost or doubled")
        found += [f"{count} times made: {each}" for each, count in Counter(self.lines("cloud")).items() if count != 1]
        pids = [int(line.split()[-1]) for line in self.lines("children")]
        found += [f"process {pid} is left" for pid in pids if lives(pid)]
        return found

    def _wrong_of(self, connection: Connection, name: str, asked: _Asked) -> list[str]:
        ending, wanted = asked.ending, asked.ending.operation
        try:
            job = self.tickets.get(name)
        except JobMissing:
            return ["its job is lost"]
        operation = operations.get(connection, name).operation
        condition = tenants.get(connection, asked.tenant).condition
        told = [each.name for each in events.after(connection, 0, operation=name, limit=_MANY)]
        comparisons = {
            "the job's status": (job.status, _STATUS[wanted.state]),
            "the job's steps": (job.steps_done, wanted.steps_done),
            "the operation's state": (operation.state, wanted.state),
            "the operation's steps": (operation.steps_done, wanted.steps_done),
            "the tenant's state": (condition.state, ending.condition.state),
            "the tenant's events": ([each for each in told if each.startswith("tenant.")], [*ending.told]),
            "its end in the outbox": (told.count(f"operation.{wanted.state}"), 1),
            "what was made": (self.made_by(name), self.to_be_made(asked.what, ending)),
        }
        return [f"{of}: {found}, not {right}" for of, (found, right) in comparisons.items() if found != right]

    def made_by(self, operation: str) -> list[str]:
        """What the steps of an operation made, in order."""
        return [line.split(" ", 1)[1] for line in self.lines("cloud") if line.split()[0] == operation]

    def to_be_made(self, what: Kind, ending: Ending) -> list[str]:
        """What they must have made: a step that fails, fails after that."""
        operation = ending.operation
        count = operation.steps_done + (operation.state is OperationState.FAILED)
        return [*steps(what)[:count], *[PUT_BACK] * ending.undone]
