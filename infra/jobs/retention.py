"""Forgets what is old: jobs that ended with what DBOS recorded of them, events that were told, idempotency keys.

What happened stays: the operations, the tenants, and the audit log, which is never shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from infra.store import events, idempotency
from infra.store.database import reading, transaction
from infra.store.tables import job_tickets

#: How many jobs or events are deleted in one transaction, so that nobody waits for long.
_BATCH = 200


def forget(database: Engine, keep: timedelta, now: datetime, delete_workflows: Callable[[Sequence[str]], None]) -> None:
    """Forget what is older.

    Args:
        database: The store.
        keep: How long jobs and events are kept after their end.
        now: The time.
        delete_workflows: Deletes what DBOS recorded of workflows, given by their ids. It is called first: a job whose
            ticket is there still is found again, should this process be killed in between.
    """
    while batch := _ended_before(database, now - keep):
        delete_workflows([workflow_id(job, rests) for job, most in batch for rests in range(most + 1)])
        with transaction(database) as connection:
            connection.execute(delete(job_tickets).where(job_tickets.c.id.in_([job for job, _ in batch])))
    forgotten = _BATCH
    while forgotten == _BATCH:
        with transaction(database) as connection:
            forgotten = events.forget(connection, now - keep, _BATCH)
    with transaction(database) as connection:
        idempotency.forget_expired(connection, now)


def workflow_id(job: str, rests: int) -> str:
    """The id of DBOS's workflow: a job that rested goes on as another, which begins with the step that it rested in."""
    return f"{job}.{rests}"


def _ended_before(database: Engine, before: datetime) -> list[tuple[str, int]]:
    columns = job_tickets.c
    query = select(columns.id, columns.rests).where(columns.ended_at <= before).order_by(columns.ended_at).limit(_BATCH)
    with reading(database) as connection:
        return [(job, rests) for job, rests in connection.execute(query)]
