"""Moves a tenant, its operation and the events of both as its job goes, in the transaction in which the job moves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection
from typing_extensions import override

from infra.jobs import JobEnd, JobRecord, JobStatus, Observer, tickets
from infra.lifecycle import progress
from infra.lifecycle.failures import Failure, TransitionRefused
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import Change, Condition
from infra.lifecycle.states import CHANGES, OperationKind
from infra.store import changes, operations, tenants


class OperationObserver(Observer):
    """Keeps operations and tenants in step with their jobs; job and operation have one id.

    Args:
        now: Tells the time.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now

    @override
    def step_begun(self, connection: Connection, job: JobRecord, step: str) -> None:
        self._move(connection, job, lambda operation, at: progress.begin_step(operation, at, step))

    @override
    def step_progress(self, connection: Connection, job: JobRecord, step: str, fraction: float) -> None:
        def advance(operation: Operation, condition: Condition) -> Change:
            if operation.final or not operation.step_begun:
                return Change(operation=operation, condition=condition)
            return Change(operation=progress.advance(operation, fraction), condition=condition)

        self._move(connection, job, advance)

    @override
    def step_ended(self, connection: Connection, job: JobRecord, step: str, result: Any) -> None:
        self._move(connection, job, lambda operation, at: progress.end_step(operation, at, step))

    @override
    def cancellable(self, connection: Connection, job: JobRecord) -> bool:
        operation = operations.get(connection, job.request.id).operation
        try:
            progress.cancel(operation, tenants.get(connection, operation.tenant).condition)
        except TransitionRefused:
            return False
        return True

    @override
    def undone(self, connection: Connection, job: JobRecord, status: JobStatus) -> bool:
        """A change; of an onboarding only what was written before anything was made, and only where it is cancelled."""
        kind = operations.get(connection, job.request.id).operation.kind
        wanted = kind in CHANGES or (kind is OperationKind.ONBOARD and status is JobStatus.CANCELLED)
        return wanted and self.cancellable(connection, job)

    @override
    def ended(self, connection: Connection, job: JobRecord, end: JobEnd) -> None:
        match end.status:
            case JobStatus.SUCCEEDED:
                # The last step's end has made the operation succeed.
                self._keep_spec(connection, job, end)
                if operations.get(connection, job.request.id).operation.kind is OperationKind.ERASE:
                    tickets.forget(connection, job.request.tenant)
            case JobStatus.CANCELLED:
                self._move(connection, job, progress.cancel)
            case _:
                self._move(connection, job, lambda operation, at: _fail(operation, at, end))

    def _move(self, connection: Connection, job: JobRecord, how: changes.Move) -> None:
        changes.move(connection, job.request.id, how, self._now())

    def _keep_spec(self, connection: Connection, job: JobRecord, end: JobEnd) -> None:
        """Keep the spec that a step has written: the tenant has it from now on."""
        results = [cast("dict[str, Any]", each) for each in end.results.values() if isinstance(each, dict)]
        spec = next((each["spec"] for each in reversed(results) if "spec" in each), None)
        if spec is None:
            return
        tenant = tenants.get(connection, job.request.tenant, lock=True)
        text = json.dumps(spec)
        if text != tenant.spec:
            tenants.replace_spec(connection, tenant.id, text, version=tenant.version, now=self._now())


def _fail(operation: Operation, condition: Condition, end: JobEnd) -> Change:
    if end.failure is None:
        raise ValueError(f"operation {operation.id} failed without a reason")
    failure = Failure(
        operation=operation.kind,
        step=end.step or operation.steps[0].name,
        failure_class=end.failure.failure_class,
        message=end.failure.message.strip() or "no reason was given",
        remedy=end.failure.remedy.strip() or "see the worker's log",
    )
    return progress.fail(operation, condition, failure, rolled_back=end.undone)
