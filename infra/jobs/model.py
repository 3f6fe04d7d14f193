"""The words of this package: an operation that is requested, the steps that it takes, and how it can fail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.errors import UserError

#: In characters; what the columns of the table hold.
LONGEST_NAME = 128


class OperationStatus(StrEnum):
    """Where an operation is. `ADMITTED` covers both about to run and running."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self not in (OperationStatus.WAITING, OperationStatus.ADMITTED)


class ErrorClass(StrEnum):
    """What kind of failure it was; it alone decides whether a step is tried again."""

    USER = "user"
    QUOTA = "quota"
    CAPACITY = "capacity"
    TRANSIENT = "transient"
    CONFLICT = "conflict"
    INTERNAL = "internal"


@dataclass(frozen=True)
class Failure:
    """Why a step failed.

    Args:
        error_class: What kind of failure it was.
        message: What is wrong, in one sentence.
        remedy: What to do about it.
    """

    error_class: ErrorClass
    message: str
    remedy: str


class StepFailed(UserError):
    """A step raises it to say how it failed. Whatever else it raises counts as `ErrorClass.INTERNAL`.

    Args:
        error_class: What kind of failure it was.
        message: What is wrong.
        remedy: What to do about it.
    """

    def __init__(self, error_class: ErrorClass, message: str, remedy: str) -> None:
        super().__init__(message, remedy)
        self.error_class = error_class


class IdReused(UserError):
    """An operation with that id exists and asks for something else."""


class OperationMissing(UserError):
    """There is no operation with that id."""


@dataclass(frozen=True)
class Cancelled:
    """What became of a request to cancel.

    Args:
        status: The operation's status after the request; `ADMITTED` means that it ends before its next step.
    """

    status: OperationStatus


@dataclass(frozen=True)
class Step:
    """One durable part of an operation. It may run more than once, so it begins by finding what is already there.

    Args:
        name: Unique within its operation.
        target: ``module:function``, called in a process of its own with a `StepCall`; it returns what `json` can write.
        timeout: How long one attempt may take, in seconds, before it is killed and counts as transient.
        attempts: How often it is tried at most, where the error's class allows it.
        backoff: Pause before the second attempt, in seconds; it doubles from attempt to attempt.
    """

    name: str
    target: str
    timeout: float = 3600.0
    attempts: int = 5
    backoff: float = 2.0


@dataclass(frozen=True)
class OperationRequest:
    """An operation that somebody asks for.

    Args:
        id: Chosen by whoever asks; asking twice with one id is asking once.
        tenant: Whom it changes; operations of one tenant run one after another.
        caller: Who asks; callers take turns.
        kind: Which steps it takes.
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
class OperationRecord:
    """An operation as it stands.

    Args:
        request: What was asked for.
        status: Where it is.
        turn: Its place in the order of admission over all operations, from 1; None before it is admitted.
        step: The step that runs or ran last; empty before the first.
        steps_done: How many steps are finished.
        steps: How many steps there are; 0 before it is admitted.
        done: How many parts of the running step are finished, in the step's own unit.
        total: How many parts the running step has; 0 where it does not say.
        cancel_requested: Whether it ends before its next step.
        failure: Why it failed.
    """

    request: OperationRequest
    status: OperationStatus
    turn: int | None
    step: str
    steps_done: int
    steps: int
    done: int
    total: int
    cancel_requested: bool
    failure: Failure | None

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 100; 100 only when it has succeeded."""
        if self.status is OperationStatus.SUCCEEDED:
            return 100
        part = min(self.done / self.total, 1.0) if self.total else 0.0
        return min(99, int(100 * (self.steps_done + part) / self.steps)) if self.steps else 0
