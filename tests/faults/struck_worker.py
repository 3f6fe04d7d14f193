"""A worker of the real plans with points to be killed at: ``python -m tests.faults.struck_worker SETTINGS TWIN AGAIN``.

TWIN is ``-``, or the name of a defect that it has. With AGAIN it is started anew as often as it is killed.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from infra.jobs import JobPlan, JobRecord, JobStep, Worker
from infra.jobs.observer import JobEnd
from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from infra.store import changes
from infra.store.database import open_store, transaction
from tests.faults.rebirth import again_and_again
from tests.faults.strike_points import StrikePoints, after_transaction, watch_transactions
from tests.jobs.run_worker import settings_of, work

#: The point of a worker at the end of an operation that has not succeeded, within the transaction.
CLOSES = "closes"
#: The point of a worker between giving a job its turn and starting it.
ADMITTED = "admitted"
_TARGET = "tests.faults.natural_steps:act"


def scripted() -> dict[str, JobPlan]:
    """The service's own plans with scripted steps in place of those that change a cloud."""
    return {
        kind: JobPlan(tuple(_acts(each) for each in plan.steps), plan.undo and _acts(plan.undo))
        for kind, plan in plans().items()
    }


def _acts(step: JobStep) -> JobStep:
    return replace(step, target=_TARGET, timeout=300.0, attempts=3, backoff=0.05)


class StruckObserver(OperationObserver):
    """The service's own observer, with points before and after the commit of what it writes.

    A step begins: ``begins`` in the transaction, ``begun`` after it; likewise ``ends`` and ``ended``.

    Args:
        points: The points.
    """

    def __init__(self, points: StrikePoints) -> None:
        super().__init__()
        self._points = points

    @override
    def step_begun(self, connection: Connection, job: JobRecord, step: str) -> None:
        super().step_begun(connection, job, step)
        self._reach(job, step, "begins", "begun")

    @override
    def step_ended(self, connection: Connection, job: JobRecord, step: str, result: Any) -> None:
        super().step_ended(connection, job, step, result)
        self._reach(job, step, "ends", "ended")

    @override
    def ended(self, connection: Connection, job: JobRecord, end: JobEnd) -> None:
        super().ended(connection, job, end)
        self._points.reach(job.request.id, end.step, CLOSES)

    def _reach(self, job: JobRecord, step: str, within: str, after: str) -> None:
        self._points.reach(job.request.id, step, within)
        after_transaction(lambda: self._points.reach(job.request.id, step, after))


class TwoTransactions(StruckObserver):
    """The broken twin: it writes what it has seen in a transaction of its own, after that of the ticket."""

    def __init__(self, points: StrikePoints, database_url: str) -> None:
        super().__init__(points)
        self._own = open_store(database_url)
        self._seen = threading.local()

    @override
    def _reach(self, job: JobRecord, step: str, within: str, after: str) -> None:
        super()._reach(job, step, within, after)
        self._write_later()

    @override
    def ended(self, connection: Connection, job: JobRecord, end: JobEnd) -> None:
        super().ended(connection, job, end)
        self._write_later()

    @override
    def _move(self, connection: Connection, job: JobRecord, how: changes.Move) -> None:
        def write() -> None:
            with transaction(self._own) as own:
                changes.move(own, job.request.id, how, self._now())

        self._seen.__dict__.setdefault("writes", []).append(write)

    def _write_later(self) -> None:
        for each in self._seen.__dict__.pop("writes", []):
            after_transaction(each)


class StruckWorker(Worker):
    """The service's own worker, with a point between the turn that it gives a job and its start."""

    @override
    def _enqueue(self, record: JobRecord) -> None:
        StrikePoints(self._settings.folder).reach(record.request.id, "", ADMITTED)
        super()._enqueue(record)


class ForgetfulWorker(StruckWorker):
    """The broken twin: it starts a job only where it gave the turn itself."""

    @override
    def _give_turn(self) -> str | None:
        job = super()._give_turn()
        self.__dict__.setdefault("given", set()).add(job)
        return job

    @override
    def _enqueue(self, record: JobRecord) -> None:
        if record.request.id in self.__dict__.get("given", ()):
            super()._enqueue(record)


def main() -> None:
    """Work until told to end."""
    settings = replace(
        settings_of(sys.argv[1]), preload=("tests.faults.natural_steps",), max_recoveries=1000, poll_seconds=0.2
    )
    twin = sys.argv[2]

    def run() -> None:
        watch_transactions()
        points = StrikePoints(settings.folder)
        two = TwoTransactions(points, settings.database_url) if twin == "two transactions" else None
        make = ForgetfulWorker if twin == "lost enqueue" else StruckWorker
        work(scripted(), two or StruckObserver(points), settings, make)

    if "again" in sys.argv:
        again_and_again(run)
    else:
        run()


if __name__ == "__main__":
    main()
