"""Takes one job through its steps: the workflow that DBOS keeps and resumes.

What decides the way through it (ends, failures, pauses, cancellation) is recorded with each attempt, so that a worker
with newer code replays an older job in the same way. What the steps returned is in the job's ticket.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from dbos import DBOS
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from infra.jobs import tickets
from infra.jobs.figures import count_attempt
from infra.jobs.model import JobFailure, JobPlan, JobRecord, JobStatus, JobStep
from infra.jobs.observer import JobEnd, Observer
from infra.jobs.processes.pool import StepPool
from infra.jobs.progress import ProgressTold
from infra.jobs.retries import pause_before_retry
from infra.lifecycle.failures import FailureClass
from infra.store.database import is_busy, transaction

Plans = Mapping[str, JobPlan]
_T = TypeVar("_T")
_LOG = logging.getLogger(__name__)

#: What a step returns that is to be called again: the seconds until then, at most a quarter of a year.
AGAIN_AFTER = "again_after"
_LONGEST_REST = 90 * 86400.0


class Runner:
    """Runs jobs.

    Args:
        database: Where the tickets are.
        plans: What each kind of job does.
        pool: Runs the steps.
        observer: Is told how the jobs go.
        fence: Ends this worker; called when the database cannot be reached, for then another worker may take over.
    """

    def __init__(
        self, database: Engine, plans: Plans, pool: StepPool, observer: Observer, fence: Callable[[], None]
    ) -> None:
        self._database = database
        self._plans = plans
        self._pool = pool
        self._observer = observer
        self._fence = fence

    def run(self, job: str, rests: int, steps: list[str], first: int) -> str:
        """The workflow: it is called again with the same arguments after a crash, and skips what is recorded.

        Args:
            job: The job's id.
            rests: How often it had rested when it got its turn: another turn of it is another workflow.
            steps: The names of its steps, as they were when it got its turn.
            first: The index of the step to begin with.

        Returns:
            The status in which it leaves the job.
        """
        for index in range(first, len(steps)):
            outcome = self._until_decided(steps[index], self._attempt, job, rests, steps, index)
            if outcome.get("rests"):
                return JobStatus.WAITING
            if "status" in outcome:
                if outcome.get("undo"):
                    outcome |= self._until_decided("undo", self._attempt_undo, job, steps[index])
                return DBOS.run_step({"name": "finish"}, self._finish, job, steps[index], outcome)
        return JobStatus.SUCCEEDED

    def steps(self, kind: str) -> list[str]:
        """The names of the steps of a kind of job; of an unknown kind: one that fails."""
        return [step.name for step in self._plan(kind).steps] or ["unknown"]

    def end(self, job: str, step: str, status: JobStatus, failure: JobFailure | None, *, undone: bool = False) -> None:
        """End a job, unless it has ended."""

        def write(connection: Connection) -> None:
            record = tickets.get(connection, job, lock=True)
            if record.status.is_final:
                return
            self._observer.ended(
                connection,
                record,
                JobEnd(status=status, step=step, failure=failure, undone=undone, results=record.results),
            )
            tickets.finish(connection, job, status, datetime.now(UTC), failure)

        self._within(write)

    def _plan(self, kind: str) -> JobPlan:
        return self._plans.get(kind, JobPlan(()))

    def _until_decided(self, name: str, attempt: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        """Try until it needs no other try; each attempt and each pause is recorded."""
        count = 1
        while True:
            outcome = DBOS.run_step({"name": name}, attempt, *arguments, count)
            if outcome.get("pause") is None:
                return outcome
            DBOS.sleep(outcome["pause"])
            count += 1

    def _attempt(self, job: str, rests: int, steps: list[str], index: int, attempt: int) -> dict[str, Any]:
        """One attempt: what it returns is recorded and decides how the job goes on."""
        name = steps[index]
        ready = self._within(lambda connection: self._begin(connection, job, rests, steps, index))
        if isinstance(ready, dict):
            return ready
        record, step = ready
        told = ProgressTold(lambda done, total: self._within(lambda c: self._advance(c, record, name, done, total)))
        began = time.monotonic()
        outcome = self._pool.run(step.target, _call(record, name, attempt, {}), step.timeout, told)
        seconds = time.monotonic() - began
        self._within(lambda connection: count_attempt(connection, record.request.kind, name, seconds))
        if isinstance(outcome, JobFailure):
            pause = pause_before_retry(step, outcome, attempt)
            if pause is not None:
                return {"pause": pause}
            undo = self._within(
                lambda connection: self._undone(connection, tickets.get(connection, job), JobStatus.FAILED)
            )
            return _failed(outcome, undo=undo)
        rest = _rest(outcome["result"])
        if rest is not None:
            until = datetime.now(UTC) + rest
            self._within(lambda connection: tickets.rest(connection, job, until))
            return {"rests": True}
        self._within(lambda connection: self._end_step(connection, job, steps, index, outcome["result"]))
        return {}

    def _begin(
        self, connection: Connection, job: str, rests: int, steps: list[str], index: int
    ) -> dict[str, Any] | tuple[JobRecord, JobStep]:
        """Begin a step, unless something was decided before."""
        record = tickets.get(connection, job, lock=True)
        if record.status.is_final:
            return {"status": record.status.value}
        if record.rests != rests:  # its rest was kept, though not in the workflow
            return {"rests": True}
        if record.steps_done > index:  # its end was kept, though not in the workflow
            return {}
        step = next((each for each in self._plan(record.request.kind).steps if each.name == steps[index]), None)
        if step is None:
            return _failed(
                JobFailure(
                    FailureClass.INTERNAL,
                    f"this worker knows no step {steps[index]} of {record.request.kind}",
                    "run workers of the version that the operation began with, or ask for it anew",
                )
            )
        if record.cancel_requested and self._observer.cancellable(connection, record):
            status = JobStatus.CANCELLED
            return {"status": status.value, "undo": self._undone(connection, record, status)}
        self._observer.step_begun(connection, record, step.name)
        tickets.begin_step(connection, job, step=step.name, steps=len(steps))
        return record, step

    def _undone(self, connection: Connection, record: JobRecord, status: JobStatus) -> bool:
        """Whether a job that stops is undone: a step that has begun may have changed something, even if it failed."""
        if self._plan(record.request.kind).undo is None or not record.step:
            return False
        return self._observer.undone(connection, record, status)

    def _advance(self, connection: Connection, record: JobRecord, step: str, done: int, total: int) -> None:
        job = record.request.id
        record = tickets.get(connection, job, lock=True)
        if record.status is JobStatus.ADMITTED:
            tickets.advance(connection, job, done=done, total=total)
            self._observer.step_progress(connection, record, step, min(done / total, 1.0) if total > 0 else 0.0)

    def _end_step(self, connection: Connection, job: str, steps: list[str], index: int, result: Any) -> None:
        """Keep the end of a step; with that of the last the job has succeeded, in one transaction."""
        record = tickets.get(connection, job, lock=True)
        if record.status.is_final or record.steps_done > index:
            return
        name = steps[index]
        tickets.end_step(connection, record, step=name, result=result)
        self._observer.step_ended(connection, record, name, result)
        if index + 1 == len(steps):
            results = {**record.results, name: result}
            end = JobEnd(status=JobStatus.SUCCEEDED, step=name, failure=None, undone=False, results=results)
            self._observer.ended(connection, record, end)
            tickets.finish(connection, job, JobStatus.SUCCEEDED, datetime.now(UTC))

    def _attempt_undo(self, job: str, stopped_in: str, attempt: int) -> dict[str, Any]:
        """One attempt to put back what a job has changed."""
        record = self._within(lambda connection: tickets.get(connection, job))
        undo = self._plan(record.request.kind).undo
        if record.status.is_final or undo is None:
            return {"undone": False}
        call = _call(record, undo.name, attempt, {"stopped_in": stopped_in})
        outcome = self._pool.run(undo.target, call, undo.timeout, lambda _done, _total: None)
        if isinstance(outcome, JobFailure):
            return {"pause": pause_before_retry(undo, outcome, attempt), "undo_failure": asdict(outcome)}
        return {"undone": True}

    def _finish(self, job: str, step: str, outcome: Mapping[str, Any]) -> str:
        status, failure = JobStatus(outcome["status"]), _read(outcome.get("failure"))
        undo_failure = _read(outcome.get("undo_failure"))
        if undo_failure is not None:
            status, failure = JobStatus.FAILED, _both(failure, undo_failure)
        self.end(job, step, status, failure, undone=bool(outcome.get("undone")))
        return status

    def _within(self, work: Callable[[Connection], _T]) -> _T:
        while True:
            try:
                with transaction(self._database) as connection:
                    return work(connection)
            except (OperationalError, InterfaceError) as error:
                if is_busy(error):
                    _LOG.warning("other writers are slow: tried again")
                    continue
                _LOG.exception("the database does not answer: this worker ends, and others take over its jobs")
                self._fence()
                raise


def _call(record: JobRecord, step: str, attempt: int, more: Mapping[str, str]) -> dict[str, Any]:
    return {
        "operation": record.request.id,
        "tenant": record.request.tenant,
        "step": step,
        "attempt": attempt,
        "arguments": {**record.request.arguments, **more},
        "results": record.results,
    }


def _rest(result: Any) -> timedelta | None:
    """How long a step wants to be left alone; None: it has ended."""
    match result:
        case {"again_after": float() | int() as seconds, **others} if not others:
            return timedelta(seconds=min(max(0.0, seconds), _LONGEST_REST))
        case _:
            return None


def _failed(failure: JobFailure, *, undo: bool = False) -> dict[str, Any]:
    return {"status": JobStatus.FAILED.value, "failure": asdict(failure), "undo": undo}


def _read(failure: Mapping[str, str] | None) -> JobFailure | None:
    if failure is None:
        return None
    return JobFailure(FailureClass(failure["failure_class"]), failure["message"], failure["remedy"])


def _both(failure: JobFailure | None, undo: JobFailure) -> JobFailure:
    """Both reasons; what must change is what keeps it from being put back."""
    first = "it was cancelled" if failure is None else failure.message
    remedies = [undo.remedy] if failure is None else [undo.remedy, failure.remedy]
    return JobFailure(
        undo.failure_class,
        f"{first}; putting back what it had changed failed as well: {undo.message}",
        "; then: ".join(remedies),
    )
