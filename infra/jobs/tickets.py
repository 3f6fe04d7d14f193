"""The table of jobs: who asked for what, and how far each is.

A row is written in the transaction of whoever asks, so that nothing can be lost between a row and a message. It moves
in the transaction in which an observer is told, and keeps what the steps returned: a crash repeats no step that ended.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from infra.jobs.figures import count_end
from infra.jobs.model import IdReused, JobFailure, JobMissing, JobRecord, JobRequest, JobStatus
from infra.lifecycle.failures import FailureClass
from infra.store import sequencing
from infra.store.tables import job_tickets

_C = job_tickets.c


def enqueue(connection: sa.Connection, request: JobRequest, now: datetime) -> JobRecord:
    """Ask for a job; asking again with the same id changes nothing.

    Args:
        connection: In a transaction: that of the other rows of the request.
        request: What is asked for.
        now: The time.

    Raises:
        IdReused: a job with that id asks for something else.
    """
    known = connection.execute(sa.select(_C.digest).where(_C.id == request.id)).scalar()
    if known is None:
        # The sequence's row is locked until the commit: of two who ask at once with one id, the second finds the first.
        sequence = sequencing.take(connection, "job_tickets")
        known = connection.execute(sa.select(_C.digest).where(_C.id == request.id)).scalar()
        if known is None:
            _insert(connection, request, sequence, now)
            return get(connection, request.id)
    _require_same(request, known)
    return get(connection, request.id)


def require_same(connection: sa.Connection, request: JobRequest) -> None:
    """Refuse a request whose id another one has; of a job that was forgotten nobody can tell any more.

    Raises:
        IdReused: a job with that id asks for something else.
    """
    known = connection.execute(sa.select(_C.digest).where(_C.id == request.id)).scalar()
    if known is not None:
        _require_same(request, known)


def get(connection: sa.Connection, job: str, *, lock: bool = False) -> JobRecord:
    """A job as it stands.

    Args:
        connection: In a transaction.
        job: Its id.
        lock: Whether nobody else may move it until the transaction ends. Its ticket is locked before its tenant.

    Raises:
        JobMissing: there is none with that id.
    """
    query = sa.select(job_tickets).where(_C.id == job)
    row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise JobMissing(f"there is no operation {job}", remedy="list the operations to find its id")
    return _record(row)


def listed(connection: sa.Connection, *statuses: JobStatus) -> list[JobRecord]:
    """Jobs with any of the statuses, in the order in which they were asked for; without one: all."""
    query = sa.select(job_tickets).order_by(_C.sequence)
    if statuses:
        query = query.where(_C.status.in_(statuses))
    return [_record(row) for row in connection.execute(query).mappings()]


def cancel(connection: sa.Connection, job: str, now: datetime) -> JobStatus:
    """Ask that a job ends: at once where it has done nothing yet, else before its next step.

    Args:
        connection: In a transaction.
        job: Its id.
        now: The time.

    Returns:
        Its status after the request; `JobStatus.ADMITTED` and `JobStatus.WAITING`: it ends before its next step.

    Raises:
        JobMissing: there is none with that id.
    """
    record = get(connection, job, lock=True)
    if record.status.is_final:
        return record.status
    if record.status is JobStatus.WAITING and not record.step:
        _update(connection, job, cancel_requested=True)
        finish(connection, job, JobStatus.CANCELLED, now)
        return JobStatus.CANCELLED
    _update(connection, job, cancel_requested=True, not_before=None)
    return record.status


def begin_step(connection: sa.Connection, job: str, *, step: str, steps: int) -> None:
    """A step begins; `steps` is how many there are."""
    _update(connection, job, step=step, steps=steps, done=0, total=0)


def advance(connection: sa.Connection, job: str, *, done: int, total: int) -> None:
    """Note how far the running step is."""
    _update(connection, job, done=done, total=total)


def end_step(connection: sa.Connection, record: JobRecord, *, step: str, result: Any) -> None:
    """Keep what a step returned.

    Args:
        connection: In a transaction.
        record: The job, locked in it.
        step: The step's name.
        result: What JSON can hold.
    """
    results = json.dumps({**record.results, step: result})
    _update(connection, record.request.id, steps_done=record.steps_done + 1, done=0, total=0, results=results)


def rest(connection: sa.Connection, job: str, until: datetime) -> None:
    """Give up the job's turn until a time; then the step in which it is runs again."""
    _update(connection, job, status=JobStatus.WAITING, not_before=until, rests=_C.rests + 1)


def finish(
    connection: sa.Connection, job: str, status: JobStatus, now: datetime, failure: JobFailure | None = None
) -> None:
    """End a job.

    Args:
        connection: In a transaction, in which the ticket is locked and not final.
        job: Its id.
        status: A final status.
        now: The time.
        failure: Why it failed.
    """
    text = None if failure is None else json.dumps([failure.failure_class, failure.message, failure.remedy])
    _update(connection, job, status=status, failure=text, ended_at=now)
    count_end(connection, get(connection, job).request.kind, status, failure)


def forget(connection: sa.Connection, tenant: str) -> None:
    """Forget what a tenant's jobs were given and what their steps returned; what they were and how they ended stays."""
    connection.execute(sa.update(job_tickets).where(_C.tenant == tenant).values(arguments="{}", results="{}"))


def _require_same(request: JobRequest, digest: str) -> None:
    if digest != request.digest():
        raise IdReused(
            f"the id {request.id} belongs to another operation",
            remedy="repeat the request as it was, or choose another id",
            where=request.id,
        )


def _insert(connection: sa.Connection, request: JobRequest, sequence: int, now: datetime) -> None:
    connection.execute(
        sa.insert(job_tickets).values(
            id=request.id,
            tenant=request.tenant,
            caller=request.caller,
            kind=request.kind,
            arguments=json.dumps(request.arguments),
            priority=request.priority,
            digest=request.digest(),
            sequence=sequence,
            status=JobStatus.WAITING,
            created_at=now,
        )
    )


def _update(connection: sa.Connection, job: str, **changes: Any) -> None:
    connection.execute(sa.update(job_tickets).where(_C.id == job).values(**changes))


def _record(row: Mapping[Any, Any]) -> JobRecord:
    request = JobRequest(
        id=row["id"],
        tenant=row["tenant"],
        caller=row["caller"],
        kind=row["kind"],
        arguments=json.loads(row["arguments"]),
        priority=row["priority"],
    )
    return JobRecord(
        request=request,
        status=JobStatus(row["status"]),
        turn=row["turn"],
        step=row["step"],
        steps_done=row["steps_done"],
        steps=row["steps"],
        done=row["done"],
        total=row["total"],
        results=json.loads(row["results"]),
        rests=row["rests"],
        cancel_requested=row["cancel_requested"],
        failure=_failure(row["failure"]),
    )


def _failure(text: str | None) -> JobFailure | None:
    if text is None:
        return None
    failure_class, message, remedy = json.loads(text)
    return JobFailure(FailureClass(failure_class), message, remedy)
