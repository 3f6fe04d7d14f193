"""Typed failures: what stopped an operation, whose it is to act, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from infra.errors import UserError
from infra.lifecycle.states import OperationKind


class FailureClass(StrEnum):
    """Who or what must change before another try can succeed."""

    USER = "user"
    QUOTA = "quota"
    CAPACITY = "capacity"
    TRANSIENT = "transient"
    CONFLICT = "conflict"
    INTERNAL = "internal"


#: What each class means, for people; docs/lifecycle.md shows it.
CLASS_MEANINGS: dict[FailureClass, str] = {
    FailureClass.USER: "the request or the spec must change, or the user cancelled",
    FailureClass.QUOTA: "a limit of the AWS account must be raised",
    FailureClass.CAPACITY: "the platform must be given room: a cell, a host, an address range",
    FailureClass.TRANSIENT: "nothing must change: throttling, a timeout, a 5xx, eventual consistency",
    FailureClass.CONFLICT: "something else holds the stack or the spec; try again when it is done",
    FailureClass.INTERNAL: "a defect or a broken installation: an operator must look",
}
#: The classes whose step is tried again without anybody's doing.
RETRIED = frozenset({FailureClass.TRANSIENT, FailureClass.CONFLICT})


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an operation stopped.

    Args:
        operation: The kind of operation that stopped.
        step: The name of the step that it stopped in.
        failure_class: Who or what must change.
        message: What is wrong, in one sentence.
        remedy: What to do about it; never empty.

    Raises:
        ValueError: the message or the remedy is empty.
    """

    operation: OperationKind
    step: str
    failure_class: FailureClass
    message: str
    remedy: str

    def __post_init__(self) -> None:
        if not self.message.strip() or not self.remedy.strip():
            raise ValueError(f"a failure of {self.operation} in {self.step} must say what is wrong and what to do")

    @property
    def retried(self) -> bool:
        """Whether the step may be tried again with nothing changed."""
        return self.failure_class in RETRIED


class TransitionRefused(UserError):
    """What was asked for is not possible in the state that the tenant or its operation is in."""
