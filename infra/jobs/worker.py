"""A worker: gives operations their turns, runs them, and takes over those of workers that died.

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
from collections.abc import Mapping

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from infra.jobs.database import open_database
from infra.jobs.model import ErrorClass, Failure, OperationRecord, OperationStatus
from infra.jobs.presence import announce
from infra.jobs.processes.pool import StepPool
from infra.jobs.runner import Plans, Runner
from infra.jobs.serializer import JsonSerializer
from infra.jobs.settings import JobSettings
from infra.jobs.tickets import Tickets

_QUEUE = "operations"
#: Of what is recorded; workers resume operations of their own version only. It changes when `Runner.run` does.
_VERSION = "1"
_LOOK_AROUND_SECONDS = 1.0
#: Where DBOS stays for good, with nothing running. Nobody cancels in DBOS itself: see `Tickets.cancel`.
_DEAD_ENDS = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_LOG = logging.getLogger(__name__)


class Worker:
    """Runs operations in this process until it is closed.

    Args:
        settings: Place and limits.
        plans: The steps of each kind of operation, in their order.
        environment: The whole environment of the steps.
    """

    def __init__(self, settings: JobSettings, plans: Plans, environment: Mapping[str, str]) -> None:
        self.name = f"{socket.gethostname()}-{uuid.uuid4().hex}"
        self._settings = settings
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database = open_database(settings.url)
        self.tickets = Tickets(self._database)
        self._presence = announce(settings, self.name)
        self._pool = StepPool(environment, settings.preload, self._presence.descriptor)
        self._runner = Runner(self.tickets, plans, self._pool, _fence)
        self._stopping = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="jobs", daemon=True)
        self._watching = threading.Thread(target=self._watch, name="jobs-presence", daemon=True)
        self._enqueued: set[str] = set()

    def start(self) -> None:
        """Start working; returns at once."""

        def run(operation: str, steps: list[str]) -> str:  # DBOS marks what it is given, and a method cannot be marked
            return self._runner.run(operation, steps)

        self._pool.warm()
        self.tickets.create_table()
        DBOS(
            config={
                "name": "bulkhead",
                "system_database_url": self._settings.url,
                "executor_id": self.name,
                "application_version": _VERSION,
                "serializer": JsonSerializer(),
                "log_level": "WARNING",
            }
        )
        self._workflow = DBOS.workflow(name="operation", max_recovery_attempts=self._settings.max_recoveries)(run)
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
        """Stop; operations that run are resumed by the next worker at the step that they are in."""
        self._stopping.set()
        self._tending.join()
        self._watching.join()
        DBOS.destroy(destroy_registry=True)
        self._pool.close()
        self._presence.close()
        self._database.dispose()

    def _tend(self) -> None:
        looked = 0.0
        while not self._stopping.wait(self._settings.poll_seconds):
            try:
                self._admit()
                if time.monotonic() - looked > _LOOK_AROUND_SECONDS:
                    looked = time.monotonic()
                    self._look_around()
            except Exception:  # noqa: BLE001 - most often the database is gone; a worker that cannot look around is none
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
        while self.tickets.admit(self._settings.global_limit) is not None:
            pass
        admitted = self.tickets.list(OperationStatus.ADMITTED)
        for record in admitted:
            if record.request.id not in self._enqueued:
                self._enqueue(record)
        self._enqueued = {record.request.id for record in admitted}

    def _enqueue(self, record: OperationRecord) -> None:
        request = record.request
        with SetWorkflowID(request.id), SetEnqueueOptions(queue_partition_key=request.tenant):
            DBOS.enqueue_workflow(_QUEUE, self._workflow, request.id, self._runner.steps(request.kind))

    def _look_around(self) -> None:
        """Take over what dead workers ran, and end what DBOS gave up."""
        running = DBOS.list_workflows(status="PENDING", queue_name=_QUEUE, load_input=False, load_output=False)
        for name in {flow.executor_id for flow in running if flow.executor_id not in (None, self.name)}:
            if self._presence.is_dead(name):
                _LOG.warning("worker %s is dead: its operations are resumed", name)
                # DBOS has no public call for it: its own caller is the hosted console.
                DBOS._recover_pending_workflows([name])  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        if self._enqueued:
            ended = DBOS.list_workflows(workflow_ids=list(self._enqueued), status=_DEAD_ENDS, load_input=False)
            for flow in ended:
                self.tickets.finish(
                    flow.workflow_id,
                    OperationStatus.FAILED,
                    Failure(
                        ErrorClass.INTERNAL,
                        f"the operation was given up: {flow.status}: {flow.error}",
                        "see the workers' logs; ask for the operation anew when the cause is mended",
                    ),
                )


def _fence() -> None:
    """End this process at once; its warm process ends its steps."""
    os.kill(os.getpid(), signal.SIGKILL)
