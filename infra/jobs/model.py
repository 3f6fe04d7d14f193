"""The words of this package: a job that is asked for, the steps that it takes, and how it can end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.errors import UserError
from infra.lifecycle.failures import FailureClass

#: In characters.
LONGEST_NAME = 128


class JobStatus(StrEnum):
    """Where a job is. `ADMITTED` covers both about to run and running."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self not in (JobStatus.WAITING, JobStatus.ADMITTED)


@dataclass(frozen=True)
class JobFailure:
    """Why a step failed.

    Args:
        failure_class: Who or what must change; it alone decides whether the step is tried again.
        message: What is wrong, in one sentence.
        remedy: What to do about it.
    """

    failure_class: FailureClass
    message: str
    remedy: str


class StepFailed(UserError):
    """A step raises it to say how it failed. Whatever else it raises counts as `FailureClass.INTERNAL`.

    Args:
        failure_class: Who or what must change.
        message: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, failure_class: FailureClass, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.failure_class = failure_class


class IdReused(UserError):
    """A job with that id exists and asks for something else."""


class JobMissing(UserError):
    """There is no job with that id."""


@dataclass(frozen=True)
class JobStep:
    """One durable part of a job. It may run more than once, so it begins by finding what is already there.

    Args:
        name: Unique within its job.
        target: ``module:function``, called in a process of its own with a `StepCall`; it returns what `json` can write.
            ``{"again_after": seconds}`` means: nothing has gone wrong, call it again then; meanwhile the job takes up
            no worker.
        timeout: How long one attempt may take, in seconds, before it is killed and counts as transient.
        attempts: How often it is tried at most, where the failure's class allows it.
        backoff: Pause before the second attempt, in seconds; it doubles from attempt to attempt.
    """

    name: str
    target: str
    timeout: float = 3600.0
    attempts: int = 5
    backoff: float = 2.0


@dataclass(frozen=True)
class JobPlan:
    """What a kind of job does.

    Args:
        steps: In their order.
        undo: Run where the job stops midway and can still be taken back; None: what was done stays. Its arguments are
            the job's and ``stopped_in``, the name of the step that failed or was next.
    """

    steps: tuple[JobStep, ...]
    undo: JobStep | None = None


@dataclass(frozen=True)
class JobRequest:
    """A job that somebody asks for.

    Args:
        id: Chosen by whoever asks; asking twice with one id is asking once.
        tenant: Whom it changes; jobs of one tenant run one after another.
        caller: Who asks; callers take turns.
        kind: Which plan it follows.
        arguments: What the steps need, as JSON.
        priority: Lower numbers go first.

    Raises:
        UserError: a name is empty or longer than `LONGEST_NAME` characters.
    """

    id: str
    tenant: str
    caller: str
    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    priority: int = 100

    def __post_init__(self) -> None:
        for field_name in ("id", "tenant", "caller", "kind"):
            value: str = getattr(self, field_name)
            if not 0 < len(value) <= LONGEST_NAME:
                raise UserError(
                    f"{field_name} has {len(value)} characters",
                    remedy=f"give one of 1 to {LONGEST_NAME} characters",
                    where=field_name,
                )

    def digest(self) -> str:
        """A hash of what is asked for, to tell a repeated request from another one with the same id."""
        content = [self.tenant, self.caller, self.kind, self.priority, self.arguments]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class JobRecord:
    """A job as it stands.

    Args:
        request: What was asked for.
        status: Where it is.
        turn: Its place in the order of admission over all jobs, from 1; None before it is admitted.
        step: The step that runs or ran last; empty before the first.
        steps_done: How many steps are finished.
        steps: How many steps there are; 0 before the first has begun.
        done: How many parts of the running step are finished, in the step's own unit.
        total: How many parts the running step has; 0 where it does not say.
        results: What the finished steps returned, by name.
        rests: How often it has given up its turn to wait for a time.
        cancel_requested: Whether it ends before its next step.
        failure: Why it failed.
    """

    request: JobRequest
    status: JobStatus
    turn: int | None
    step: str
    steps_done: int
    steps: int
    done: int
    total: int
    results: Mapping[str, Any]
    rests: int
    cancel_requested: bool
    failure: JobFailure | None

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 100, all steps counted alike; 100 only when it has succeeded."""
        if self.status is JobStatus.SUCCEEDED:
            return 100
        part = min(self.done / self.total, 1.0) if self.total else 0.0
        return min(99, int(100 * (self.steps_done + part) / self.steps)) if self.steps else 0
