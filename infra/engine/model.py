"""What the engine is asked to run and what comes back: plain frozen values that layers above can keep and print."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from infra.engine.errors import EngineError

Outcome = Literal["succeeded", "failed", "cancelled"]
EventKind = Literal["started", "note", "resource", "diagnostic", "finished"]
Phase = Literal["begun", "done", "failed"]

#: What Pulumi accepts as a stack's name; names become parts of paths.
_STACK_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")

#: The operations of a step that leave the cloud as it was.
UNCHANGING_OPS = frozenset({"same", "read", "read-discard", "refresh", "import"})


class Operation(StrEnum):
    """What is done with a stack; ``drift`` reads the cloud and changes neither that nor the state."""

    PREVIEW = "preview"
    DRIFT = "drift"
    UP = "up"
    REFRESH = "refresh"
    DESTROY = "destroy"


#: The operations that change nothing; several of a stack may run at once.
READING = frozenset({Operation.PREVIEW, Operation.DRIFT})


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project.

    Args:
        name: The name in its ``Pulumi.yaml``.
        folder: The folder that holds ``Pulumi.yaml``.
        preload: Modules that warm workers import before they run the project's program, so that no run pays for it;
            an `Engine` does not see changes of their files that are made after its first run.
    """

    name: str
    folder: Path
    preload: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StackRef:
    """One stack of a project.

    Raises:
        EngineError: the name is not one that Pulumi accepts.
    """

    project: Project
    stack: str

    def __post_init__(self) -> None:
        if not _STACK_NAME.fullmatch(self.stack):
            raise EngineError(
                f"{self.stack!r} is no name for a stack",
                remedy="use letters, digits, hyphens, underscores and dots, at most 100",
                where=self.project.name,
            )

    def __str__(self) -> str:
        return f"{self.project.name}/{self.stack}"


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """One step that the engine planned (preview) or took.

    Args:
        urn: Pulumi's name of the resource.
        type: The type token, as ``aws:s3/bucket:Bucket``.
        name: The resource's name in the program.
        op: The engine's own name of the step: create, update, replace, create-replacement, delete-replaced, delete ...
        diff: The properties that differ.
        replace_keys: The properties that make it a replacement.
    """

    urn: str
    type: str
    name: str
    op: str
    diff: tuple[str, ...] = ()
    replace_keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine, a provider or the program; ``severity`` is info, info#err, warning or error."""

    severity: str
    message: str
    urn: str | None = None


@dataclass(frozen=True, kw_only=True)
class StackEvent:
    """Progress of one run.

    Args:
        ref: The stack.
        kind: ``started``, ``note`` (the message says what the engine does besides the operation, as recovery),
            ``resource``, ``diagnostic`` or ``finished``.
        operation: What is being run.
        message: Text of a note or of a diagnostic.
        change: The step, for ``resource``.
        phase: Where that step stands.
        done: Steps finished so far.
        total: Steps that are expected, as far as it is known from the run before.
        diagnostic: For ``diagnostic``.
        result: For ``finished``.
    """

    ref: StackRef
    kind: EventKind
    operation: Operation
    message: str = ""
    change: ResourceChange | None = None
    phase: Phase | None = None
    done: int = 0
    total: int | None = None
    diagnostic: Diagnostic | None = None
    result: StackResult | None = None


@dataclass(frozen=True, kw_only=True)
class StackResult:
    """How a run ended.

    Args:
        ref: The stack.
        operation: What was run.
        outcome: ``succeeded``, ``failed`` or ``cancelled``.
        changes: The steps, without the resources that stay the same.
        summary: Number of resources by step, as the engine counts them.
        outputs: The stack's outputs, secrets masked as ``[secret]``; empty where the run did not get that far.
        diagnostics: Messages, in order.
        error: Why it failed, typed; None unless ``outcome`` is ``failed``.
        seconds: Wall time of the whole run.
    """

    ref: StackRef
    operation: Operation
    outcome: Outcome
    changes: tuple[ResourceChange, ...] = ()
    summary: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    diagnostics: tuple[Diagnostic, ...] = ()
    error: EngineError | None = None
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether a resource differs (preview) or was changed."""
        return any(change.op not in UNCHANGING_OPS for change in self.changes)


OnEvent = Callable[[StackEvent], None]
