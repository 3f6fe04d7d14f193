"""Progress of finding or making the engine, for whoever waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class EngineProgress:
    """One step on the way to an engine.

    Args:
        step: What is being done.
        elapsed: Seconds since the search began.
        fraction: How far this step is, from 0 to 1; None where nobody knows.
    """

    step: str
    elapsed: float
    fraction: float | None = None


OnProgress = Callable[[EngineProgress], None]


@dataclass(frozen=True)
class Reporter:
    """Stamps steps with the time since the search began.

    Args:
        on_progress: Gets the steps; None: nobody does.
    """

    on_progress: OnProgress | None
    _began: float = field(default_factory=time.monotonic)

    def report(self, step: str, fraction: float | None = None) -> None:
        """Report a step."""
        if self.on_progress is not None:
            elapsed = time.monotonic() - self._began
            self.on_progress(EngineProgress(step=step, elapsed=elapsed, fraction=fraction))
