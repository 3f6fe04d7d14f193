"""Turns the messages of a worker into progress events and, at the end, into the result of the run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from pulumi.automation import CommandResult

from infra.engine.classify import run_error
from infra.engine.errors import EngineError, ProgramFailed, WorkerDied
from infra.engine.model import (
    Diagnostic,
    EventKind,
    OnEvent,
    Operation,
    Outcome,
    Phase,
    ResourceChange,
    StackEvent,
    StackRef,
    StackResult,
)
from infra.engine.workers.condense import ROOT_STACK


class Gatherer:
    """What is known of a run so far.

    Args:
        ref: The stack.
        operation: What is run.
        on_event: Gets the progress events.
        total: How many steps are expected; None where nobody knows.
    """

    def __init__(self, ref: StackRef, operation: Operation, on_event: OnEvent | None, total: int | None = None) -> None:
        self._ref = ref
        self._operation = operation
        self._on_event = on_event
        self._total = total
        self._began = time.monotonic()
        self.interrupted = False
        self.reset()

    def reset(self) -> None:
        """Forget an attempt that is going to be repeated."""
        self._changes: dict[tuple[str, str], ResourceChange] = {}
        self._failed: list[str] = []
        self._diagnostics: list[Diagnostic] = []
        self._outputs: dict[str, Any] = {}
        self._summary: dict[str, int] = {}
        self._program: ProgramFailed | None = None
        self._exit: CommandResult | None = None
        self.done = 0

    @property
    def ended_in_order(self) -> bool:
        """Whether the engine ended by itself, so that nothing of the run is still going on."""
        return self._exit is not None and self._exit.code >= 0

    def take(self, message: Mapping[str, Any]) -> None:
        """Take in one message of the worker."""
        match message["kind"]:
            case "step":
                self._step(message)
            case "diagnostic":
                self._diagnostic(
                    Diagnostic(severity=message["severity"], message=message["message"], urn=message["urn"])
                )
            case "outputs":
                self._outputs = message["outputs"]
            case "summary":
                self._summary = message["changes"]
            case "program_error":
                self._program = ProgramFailed(message["summary"], remedy=message["remedy"], where=message["where"])
            case "exit":
                self._exit = CommandResult(stdout="", stderr=message["stderr"], code=message["code"])
            case _:
                pass

    def note(self, message: str) -> None:
        """Report something that the run does besides the operation."""
        self.emit("note", message=message)

    def emit(self, kind: EventKind, **fields: Any) -> None:
        """Send a progress event."""
        if self._on_event is not None:
            event = StackEvent(
                ref=self._ref, kind=kind, operation=self._operation, done=self.done, total=self._total, **fields
            )
            self._on_event(event)

    def failure(self, error: EngineError) -> StackResult:
        """The result of a run that failed before or besides the engine's own work."""
        return self._result("failed", error)

    def cancelled(self) -> StackResult:
        """The result of a run that was called off before the engine began."""
        return self._result("cancelled", None)

    def result(self) -> StackResult:
        """The result, once the worker has nothing more to say."""
        if self._exit is not None and self._exit.code == 0:
            return self._result("succeeded", None)
        if self._exit is not None and self.interrupted:
            return self._result("cancelled", None)
        if self._exit is None or self._exit.code < 0:
            error = WorkerDied(
                f"the {'process that ran the stack' if self._exit is None else 'engine'} was killed",
                remedy="run again: what it left behind is recovered first",
                where=str(self._ref),
            )
            return self._result("failed", error)
        error = run_error(self._exit, self._diagnostics, self._failed, self._program, where=str(self._ref))
        return self._result("failed", error)

    def _result(self, outcome: Outcome, error: EngineError | None) -> StackResult:
        return StackResult(
            ref=self._ref,
            operation=self._operation,
            outcome=outcome,
            changes=tuple(self._changes.values()),
            summary=self._summary,
            outputs=self._outputs,
            diagnostics=tuple(self._diagnostics),
            error=error,
            seconds=time.monotonic() - self._began,
        )

    def _step(self, message: Mapping[str, Any]) -> None:
        phase: Phase = message["phase"]
        change = ResourceChange(
            urn=message["urn"],
            type=message["type"],
            name=message["urn"].rsplit("::", 1)[-1],
            op=message["op"],
            diff=tuple(message["diff"]),
            replace_keys=tuple(message["keys"]),
        )
        if phase == "failed":
            self._failed.append(change.urn)
        else:
            self.done += phase == "done"
            self._keep(change, phase)
        if change.type != ROOT_STACK:
            self.emit("resource", change=change, phase=phase)

    def _keep(self, change: ResourceChange, phase: Phase) -> None:
        """A preview's steps count when they are planned, those of a run when they are done."""
        counts = phase == "begun" if self._operation is Operation.PREVIEW else phase == "done"
        if counts and change.op != "same":
            self._changes[change.urn, change.op] = change

    def _diagnostic(self, diagnostic: Diagnostic) -> None:
        self._diagnostics.append(diagnostic)
        self.emit("diagnostic", diagnostic=diagnostic, message=diagnostic.message)
