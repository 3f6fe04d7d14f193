"""Figures of the jobs, kept in the database: any process can tell those of all workers, also after they have ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from infra.jobs.model import JobFailure, JobStatus
from infra.store.tables import job_figures, job_tickets

#: The upper bounds of the buckets in which the durations of steps are counted, in seconds.
BUCKETS = (1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1200.0, 3600.0)
_ENDED, _STEPS, _SECONDS = "ended", "steps", "seconds"
_ABOVE = "+Inf"


@dataclass(frozen=True)
class StepTimes:
    """How long the attempts at a step took.

    Args:
        buckets: How many took no longer than each of `BUCKETS`, and then how many there were.
        seconds: How long all of them took.
    """

    buckets: Sequence[float]
    seconds: float


@dataclass(frozen=True)
class JobFigures:
    """The figures at one moment.

    Args:
        present: How many jobs there are by kind and what they do: waiting, resting (until a time), running.
        ended: How many have ended, by kind, status and failure class (empty: none failed).
        steps: The times of steps, by kind of job and step.
    """

    present: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    ended: dict[tuple[str, str, str], float] = field(default_factory=dict[tuple[str, str, str], float])
    steps: dict[tuple[str, str], StepTimes] = field(default_factory=dict[tuple[str, str], StepTimes])


def count_end(connection: Connection, kind: str, status: JobStatus, failure: JobFailure | None) -> None:
    """Count a job that ends, in the transaction in which it does."""
    _add(connection, _ENDED, kind, status, "" if failure is None else failure.failure_class, 1.0)


def count_attempt(connection: Connection, kind: str, step: str, seconds: float) -> None:
    """Count an attempt at a step that took so long."""
    bucket = next((str(bound) for bound in BUCKETS if seconds <= bound), _ABOVE)
    _add(connection, _STEPS, kind, step, bucket, 1.0)
    _add(connection, _SECONDS, kind, step, "", seconds)


def read(connection: Connection, now: datetime) -> JobFigures:
    """The figures as they are now."""
    found = JobFigures()
    resting = job_tickets.c.not_before.is_not(None) & (job_tickets.c.not_before > now)
    columns = (job_tickets.c.kind, job_tickets.c.status, resting)
    open_jobs = job_tickets.c.status.in_([JobStatus.WAITING, JobStatus.ADMITTED])
    query = select(*columns, func.count()).where(open_jobs).group_by(*columns)
    for kind, status, rests, count in connection.execute(query):
        doing = "resting" if rests else "waiting" if status == JobStatus.WAITING else "running"
        found.present[kind, doing] = count
    counts: dict[tuple[str, str], dict[str, float]] = {}
    seconds: dict[tuple[str, str], float] = {}
    for row in connection.execute(select(job_figures)).mappings():
        match row["figure"]:
            case "ended":
                found.ended[row["kind"], row["label"], row["bucket"]] = row["value"]
            case "steps":
                counts.setdefault((row["kind"], row["label"]), {})[row["bucket"]] = row["value"]
            case _:
                seconds[row["kind"], row["label"]] = row["value"]
    for key, buckets in counts.items():
        found.steps[key] = StepTimes(_summed(buckets), seconds.get(key, 0.0))
    return found


def _summed(buckets: dict[str, float]) -> list[float]:
    total, summed = 0.0, list[float]()
    for name in (*map(str, BUCKETS), _ABOVE):
        total += buckets.get(name, 0.0)
        summed.append(total)
    return summed


def _add(connection: Connection, figure: str, kind: str, label: str, bucket: str, value: float) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(job_figures).values(figure=figure, kind=kind, label=label, bucket=bucket, value=value)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(job_figures.primary_key), set_={"value": job_figures.c.value + value}
        )
    )
