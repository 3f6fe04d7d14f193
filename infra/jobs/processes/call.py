"""What a step is given in its process: its operation, its arguments, and a way to say how far it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepCall:
    """One attempt at one step.

    Args:
        operation: The operation's id.
        tenant: Whom it changes.
        step: The step's name.
        attempt: Which attempt it is since the worker took the operation up, from 1.
        arguments: The operation's arguments.
        results: What the steps before it returned, by name.
        progress: Takes how many parts are done and how many there are.
    """

    operation: str
    tenant: str
    step: str
    attempt: int
    arguments: Mapping[str, Any]
    results: Mapping[str, Any]
    progress: Callable[[int, int], None] = field(repr=False)
