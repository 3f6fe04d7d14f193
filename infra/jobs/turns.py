"""Whose turn it is: priorities, then callers in fair turns, one job of a tenant at a time, within a limit over all.

DBOS keeps the steps; the table of tickets keeps the order, because the partitions of a DBOS queue are taken at random.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from infra.jobs.model import JobStatus
from infra.store import sequencing
from infra.store.tables import job_tickets

_C = job_tickets.c


def admit(connection: sa.Connection, limit: int, now: datetime) -> str | None:
    """Give the next job its turn.

    The order: lower priority numbers first; then the caller with the fewest running jobs; then the caller whose last
    turn is longest ago; then first come. A tenant's jobs of one priority keep their order, whoever asked.

    Args:
        connection: In a transaction; others that give out turns wait until it ends.
        limit: How many jobs may run at a time over all workers.
        now: The time.

    Returns:
        The job's id; None where the limit is reached or no tenant that waits is free.
    """
    if next_within(connection, limit, now) is None:  # most often: do not make others wait for that
        return None
    sequencing.take(connection, "job_turns", 0)  # from here on nobody else gives out turns
    job = next_within(connection, limit, now)
    if job is None:
        return None
    status = connection.execute(sa.select(_C.status).where(_C.id == job).with_for_update()).scalar_one()
    if status != JobStatus.WAITING:  # cancelled since
        return None
    turn = sequencing.take(connection, "job_turns")
    changes = {"status": JobStatus.ADMITTED, "turn": turn, "not_before": None}
    connection.execute(sa.update(job_tickets).where(_C.id == job).values(changes))
    return job


def next_within(connection: sa.Connection, limit: int, now: datetime) -> str | None:
    """The job whose turn it is, unless so many run already."""
    count = sa.select(sa.func.count()).where(_C.status == JobStatus.ADMITTED)
    return None if connection.execute(count).scalar_one() >= limit else connection.execute(_next(now)).scalar()


def _next(now: datetime) -> sa.Select[Any]:
    busy, earlier, peers = job_tickets.alias("busy"), job_tickets.alias("earlier"), job_tickets.alias("peers")
    tenant_is_busy = sa.exists().where(busy.c.tenant == _C.tenant, busy.c.status == JobStatus.ADMITTED)
    same_tenant_first = sa.exists().where(
        earlier.c.tenant == _C.tenant,
        earlier.c.status == JobStatus.WAITING,
        earlier.c.sequence < _C.sequence,
        earlier.c.priority <= _C.priority,
    )
    running = (
        sa.select(sa.func.count())
        .where(peers.c.caller == _C.caller, peers.c.status == JobStatus.ADMITTED)
        .scalar_subquery()
    )
    last_turn = (
        sa.select(sa.func.coalesce(sa.func.max(peers.c.turn), 0)).where(peers.c.caller == _C.caller).scalar_subquery()
    )
    due = sa.or_(_C.not_before.is_(None), _C.not_before <= now)
    return (
        sa.select(_C.id)
        .where(_C.status == JobStatus.WAITING, due, ~tenant_is_busy, ~same_tenant_first)
        .order_by(_C.priority, running, last_turn, _C.sequence)
        .limit(1)
    )
