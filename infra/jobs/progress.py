"""Tells the progress of a step no more often than somebody can look: each telling is a transaction."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS_BETWEEN = 0.5


class ProgressTold:
    """Takes a step's progress and passes on what comes long enough after the last that was passed on.

    Args:
        tell: Takes how many parts are done and how many there are.
        clock: The time in seconds, from any beginning.
    """

    def __init__(self, tell: Callable[[int, int], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._told = -_SECONDS_BETWEEN

    def __call__(self, done: int, total: int) -> None:
        """Progress of the step."""
        now = self._clock()
        if now - self._told >= _SECONDS_BETWEEN:
            self._told = now
            self._tell(done, total)
