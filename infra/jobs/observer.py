"""Who is told how a job goes, in the transaction in which the job's ticket moves: both are kept, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection
from typing_extensions import override

from infra.jobs.model import JobFailure, JobRecord, JobStatus


@dataclass(frozen=True, kw_only=True)
class JobEnd:
    """How a job ended.

    Args:
        status: A final status.
        step: The step that it stopped in; of a job that has succeeded: the last.
        failure: Why it failed.
        undone: Whether what it had changed was put back.
        results: What the finished steps returned, by name.
    """

    status: JobStatus
    step: str
    failure: JobFailure | None
    undone: bool
    results: Mapping[str, Any]


class Observer(Protocol):
    """Is told how jobs go. A step that a crash repeats begins again, so each call may come twice."""

    def step_begun(self, connection: Connection, job: JobRecord, step: str) -> None:
        """A step begins, perhaps again."""
        ...

    def step_progress(self, connection: Connection, job: JobRecord, step: str, fraction: float) -> None:
        """A part of the running step is done, from 0 to 1."""
        ...

    def step_ended(self, connection: Connection, job: JobRecord, step: str, result: Any) -> None:
        """A step has ended in order."""
        ...

    def cancellable(self, connection: Connection, job: JobRecord) -> bool:
        """Whether the job can still be taken back; asked before it is cancelled."""
        ...

    def undone(self, connection: Connection, job: JobRecord, status: JobStatus) -> bool:
        """Whether what it has changed is put back where it is to end with that status."""
        ...

    def ended(self, connection: Connection, job: JobRecord, end: JobEnd) -> None:
        """The job is over. Called once for a job."""
        ...


class Unobserved(Observer):
    """Nobody is told; every job can be taken back."""

    @override
    def step_begun(self, connection: Connection, job: JobRecord, step: str) -> None: ...

    @override
    def step_progress(self, connection: Connection, job: JobRecord, step: str, fraction: float) -> None: ...

    @override
    def step_ended(self, connection: Connection, job: JobRecord, step: str, result: Any) -> None: ...

    @override
    def cancellable(self, connection: Connection, job: JobRecord) -> bool:
        return True

    @override
    def undone(self, connection: Connection, job: JobRecord, status: JobStatus) -> bool:
        return True

    @override
    def ended(self, connection: Connection, job: JobRecord, end: JobEnd) -> None: ...
