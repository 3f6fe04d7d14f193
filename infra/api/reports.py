"""Answers that take long to find and change slowly, such as the account's capacity: found at most once in a while.

They are found in a thread that waits for a process of its own; who asks meanwhile waits for the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.to_thread import run_sync


@dataclass(kw_only=True)
class Report:
    """One such answer.

    Attributes:
        find: Finds it; it blocks.
        seconds: So long it is given again.
        clock: Seconds on a clock that never goes back.
    """

    find: Callable[[], Mapping[str, Any]]
    seconds: float
    clock: Callable[[], float]
    _found: Mapping[str, Any] | None = field(default=None, init=False)
    _at: float = field(default=0.0, init=False)
    _lock: anyio.Lock = field(default_factory=anyio.Lock, init=False)

    async def __call__(self) -> Mapping[str, Any]:
        """The answer; what `find` raises is not kept."""
        async with self._lock:
            if self._found is None or self.clock() - self._at >= self.seconds:
                self._found = await run_sync(self.find)
                self._at = self.clock()
            return self._found
