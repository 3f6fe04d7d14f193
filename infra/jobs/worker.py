"""A worker: gives jobs their turns, runs them, and takes over those of workers that died.

DBOS is one a process, and so is a worker. Any number of workers share one PostgreSQL; on SQLite they share one machine.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID
from sqlalchemy.exc import OperationalError

from infra.errors import UserError
from infra.jobs import tickets, turns
from infra.jobs.model import JobFailure, JobRecord, JobStatus
from infra.jobs.observer import Observer, Unobserved
from infra.jobs.presence import announce
from infra.jobs.processes.pool import StepPool
from infra.jobs.retention import forget, workflow_id
from infra.jobs.runner import Plans, Runner
from infra.jobs.serializer import JsonSerializer
from infra.jobs.settings import JobSettings
from infra.lifecycle.failures import FailureClass
from infra.store.database import is_busy, open_store, reading, transaction

_QUEUE = "jobs"
#: Of what is recorded; workers resume operations of their own version only. It changes when `Runner.run` does.
_VERSION = "2"
_LOOK_AROUND_SECONDS = 1.0
#: Where DBOS stays for good, with nothing running. Nobody cancels in DBOS itself: see `infra.jobs.tickets.cancel`.
_DEAD_ENDS = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_LOG = logging.getLogger(__name__)


class Worker:
    """Runs jobs in this process until it is closed.

    Args:
        settings: Place and limits.
        plans: What each kind of job does.
        environment: The whole environment of the steps.
        observer: Is told how the jobs go.
    """

    def __init__(
        self, settings: JobSettings, plans: Plans, environment: Mapping[str, str], observer: Observer | None = None
    ) -> None:
        self.name = f"{socket.gethostname()}-{uuid.uuid4().hex}"
        self._settings = settings
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One connection for each job that runs, one to look around, one to give out turns.
        self._database = open_store(settings.database_url, pool_size=settings.worker_limit + 2)
        self._presence = announce(settings, self.name)
        self._pool = StepPool(environment, settings.preload, self._presence.descriptor, settings.refresh)
        self._runner = Runner(self._database, plans, self._pool, observer or Unobserved(), _fence)
        self._stopping = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="jobs", daemon=True)
        self._watching = threading.Thread(target=self._watch, name="jobs-presence", daemon=True)
        self._enqueued: dict[str, JobRecord] = {}

    def start(self) -> None:
        """Start working; returns at once."""

        def run(job: str, rests: int, steps: list[str], first: int) -> str:  # no method: DBOS marks what it is given
            return self._runner.run(job, rests, steps, first)

        self._pool.warm()
        DBOS(
            config={
                "name": "bulkhead",
                "system_database_url": self._settings.steps_url(),
                "executor_id": self.name,
                "application_version": _VERSION,
                "serializer": JsonSerializer(),
                "log_level": "WARNING",
            }
        )
        self._workflow = DBOS.workflow(name="job", max_recovery_attempts=self._settings.max_recoveries)(run)
        DBOS.launch()
        DBOS.register_queue(
            _QUEUE,
            partition_concurrency=1,
            worker_concurrency=self._settings.worker_limit,
            polling_interval_sec=self._settings.poll_seconds,
            on_conflict="always_update",
        )
        self._tending.start()
        self._watching.start()

    def close(self) -> None:
        """Stop; jobs that run are resumed by the next worker at the step that they are in."""
        self._stopping.set()
        self._tending.join()
        self._watching.join()
        DBOS.destroy(destroy_registry=True)
        self._pool.close()
        self._presence.close()
        self._database.dispose()

    def _tend(self) -> None:
        looked, tidied = 0.0, time.monotonic()
        while not self._stopping.wait(self._settings.poll_seconds):
            try:
                self._admit()
                if time.monotonic() - looked > _LOOK_AROUND_SECONDS:
                    looked = time.monotonic()
                    self._look_around()
                if time.monotonic() - tidied > self._settings.tidy_seconds:
                    tidied = time.monotonic()
                    forget(self._database, self._settings.keep, datetime.now(UTC), _delete_workflows)
            except Exception as error:  # noqa: BLE001 - most often the database is gone; a worker that cannot look around is none
                if isinstance(error, OperationalError) and is_busy(error):
                    _LOG.warning("other writers are slow: tried again")
                    continue
                _LOG.exception("this worker ends, and others take over its operations")
                _fence()

    def _watch(self) -> None:
        """A thread of its own, for no other query may keep this worker from seeing that it counts as dead."""
        while not self._stopping.wait(_LOOK_AROUND_SECONDS):
            if not self._presence.holds():
                _LOG.error("others may count this worker as dead: it ends")
                _fence()

    def _admit(self) -> None:
        """Give out turns; whatever has its turn is made known to DBOS, also where a worker died in between."""
        while self._give_turn() is not None:
            pass
        with reading(self._database) as connection:
            admitted = tickets.listed(connection, JobStatus.ADMITTED)
        for record in admitted:
            if _workflow_id(record) not in self._enqueued:
                self._enqueue(record)
        self._enqueued = {_workflow_id(record): record for record in admitted}

    def _give_turn(self) -> str | None:
        now = datetime.now(UTC)
        with reading(self._database) as connection:
            if turns.next_within(connection, self._settings.global_limit, now) is None:
                return None
        with transaction(self._database) as connection:
            return turns.admit(connection, self._settings.global_limit, now)

    def _enqueue(self, record: JobRecord) -> None:
        request = record.request
        with SetWorkflowID(_workflow_id(record)), SetEnqueueOptions(queue_partition_key=request.tenant):
            steps = self._runner.steps(request.kind)
            DBOS.enqueue_workflow(_QUEUE, self._workflow, request.id, record.rests, steps, record.steps_done)

    def _look_around(self) -> None:
        """Take over what dead workers ran, and end what DBOS gave up."""
        running = DBOS.list_workflows(status="PENDING", queue_name=_QUEUE, load_input=False, load_output=False)
        for name in {flow.executor_id for flow in running if flow.executor_id not in (None, self.name)}:
            if self._presence.is_dead(name):
                _LOG.warning("worker %s is dead: its jobs are resumed", name)
                # DBOS has no public call for it: its own caller is the hosted console.
                DBOS._recover_pending_workflows([name])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if self._enqueued:
            ended = DBOS.list_workflows(workflow_ids=list(self._enqueued), status=_DEAD_ENDS, load_input=False)
            for flow in ended:
                self._give_up(self._enqueued[flow.workflow_id], f"{flow.status}: {flow.error}")

    def _give_up(self, record: JobRecord, reason: str) -> None:
        failure = JobFailure(
            FailureClass.INTERNAL,
            f"the operation was given up: {reason}",
            "see the workers' logs; ask for the operation anew when the cause is mended",
        )
        try:
            self._runner.end(record.request.id, record.step, JobStatus.FAILED, failure)
        except UserError:
            _LOG.exception("job %s does not fit what is observed of it: its ticket alone is ended", record.request.id)
            with transaction(self._database) as connection:
                tickets.finish(connection, record.request.id, JobStatus.FAILED, datetime.now(UTC), failure)


def _workflow_id(record: JobRecord) -> str:
    return workflow_id(record.request.id, record.rests)


def _delete_workflows(names: Sequence[str]) -> None:
    DBOS.delete_workflows(list(names))


def _fence() -> None:
    """End this process at once; its warm process ends its steps."""
    os.kill(os.getpid(), signal.SIGKILL)
