"""What a test does with tickets, each in a transaction of its own."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from infra.jobs import JobFailure, JobRecord, JobRequest, JobStatus, tickets, turns
from infra.store.database import reading, transaction


class Desk:
    """The tickets of a database."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def enqueue(self, request: JobRequest) -> JobRecord:
        with transaction(self._database) as connection:
            return tickets.enqueue(connection, request, datetime.now(UTC))

    def get(self, job: str) -> JobRecord:
        with reading(self._database) as connection:
            return tickets.get(connection, job)

    def list(self) -> list[JobRecord]:
        with reading(self._database) as connection:
            return tickets.listed(connection)

    def cancel(self, job: str) -> JobStatus:
        with transaction(self._database) as connection:
            return tickets.cancel(connection, job, datetime.now(UTC))

    def admit(self, limit: int, now: datetime | None = None) -> JobRecord | None:
        with transaction(self._database) as connection:
            job = turns.admit(connection, limit, now or datetime.now(UTC))
            return None if job is None else tickets.get(connection, job)

    def finish(self, job: str, status: JobStatus, failure: JobFailure | None = None) -> None:
        with transaction(self._database) as connection:
            tickets.finish(connection, job, status, datetime.now(UTC), failure)

    def rest(self, job: str, until: datetime) -> None:
        with transaction(self._database) as connection:
            tickets.rest(connection, job, until)
