"""What the process of a version is asked and what it answers: JSON, one object a line.

Both ends may be of different commits: fields may be added here, with defaults, and never change their meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from infra.engine import (
    Diagnostic,
    Operation,
    ResourceChange,
    StackEvent,
    StackRef,
    StackResult,
    errors,
)
from infra.engine.errors import EngineError
from infra.engine.model import EventKind, Outcome, Phase
from infra.errors import UserError


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Run stacks of tenants, side by side.

    Args:
        operation: ``preview`` or ``up``.
        tenants: The tenants.
        models: Whether their models are served.
        events: By tenant, the file that gets the engine's events.
    """

    operation: Literal["preview", "up"]
    tenants: tuple[str, ...]
    models: bool = True
    events: dict[str, str] = {}


class ErrorMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An error, by the name of its type."""

    type: str
    message: str
    remedy: str = ""
    where: str = ""


class EventMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A `StackEvent`; what ``finished`` carries comes as a result."""

    stack: str
    kind: EventKind
    operation: Operation
    message: str = ""
    change: ResourceChange | None = None
    phase: Phase | None = None
    done: int = 0
    total: int | None = None
    diagnostic: Diagnostic | None = None


class ResultMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A `StackResult`."""

    stack: str
    operation: Operation
    outcome: Outcome
    changes: tuple[ResourceChange, ...] = ()
    summary: dict[str, int] = {}
    outputs: dict[str, Any] = {}
    diagnostics: tuple[Diagnostic, ...] = ()
    error: ErrorMessage | None = None
    seconds: float = 0.0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One of: an event on the way; at the end the results, or the error for which nothing was run."""

    kind: Literal["event", "results", "error"]
    event: EventMessage | None = None
    results: tuple[ResultMessage, ...] = ()
    error: ErrorMessage | None = None


def of_event(event: StackEvent) -> EventMessage:
    """An event as a message."""
    return EventMessage(
        stack=event.ref.stack,
        kind=event.kind,
        operation=event.operation,
        message=event.message,
        change=event.change,
        phase=event.phase,
        done=event.done,
        total=event.total,
        diagnostic=event.diagnostic,
    )


def as_event(message: EventMessage, ref: StackRef) -> StackEvent:
    """The event of a message."""
    return StackEvent(
        ref=ref,
        kind=message.kind,
        operation=message.operation,
        message=message.message,
        change=message.change,
        phase=message.phase,
        done=message.done,
        total=message.total,
        diagnostic=message.diagnostic,
    )


def of_result(result: StackResult) -> ResultMessage:
    """A result as a message."""
    return ResultMessage(
        stack=result.ref.stack,
        operation=result.operation,
        outcome=result.outcome,
        changes=result.changes,
        summary=dict(result.summary),
        outputs=dict(result.outputs),
        diagnostics=result.diagnostics,
        error=None if result.error is None else of_error(result.error),
        seconds=result.seconds,
    )


def as_result(message: ResultMessage, ref: StackRef) -> StackResult:
    """The result of a message."""
    return StackResult(
        ref=ref,
        operation=message.operation,
        outcome=message.outcome,
        changes=message.changes,
        summary=message.summary,
        outputs=message.outputs,
        diagnostics=message.diagnostics,
        error=None if message.error is None else as_error(message.error),
        seconds=message.seconds,
    )


def of_error(error: UserError) -> ErrorMessage:
    """An error as a message."""
    return ErrorMessage(
        type=type(error).__name__, message=error.message, remedy=error.remedy, where=str(error.where or "")
    )


def as_error(message: ErrorMessage) -> EngineError:
    """The error of a message: of its own type where the engine has one that needs nothing more."""
    known: Mapping[str, Any] = vars(errors)
    kind = known.get(message.type)
    if isinstance(kind, type) and issubclass(kind, EngineError) and kind.__init__ is EngineError.__init__:
        return kind(message.message, message.remedy, message.where)
    return EngineError(message.message, message.remedy, message.where)
