"""Says how far work is that takes more than two seconds, on standard error; quicker work says nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.status import Status

from infra.cli.output import err, note

_QUIET_SECONDS = 2.0
#: Where nobody looks at a terminal, a line so often is enough for a log.
_LOG_SECONDS = 10.0


class SlowProgress:
    """What to tell how far the work is; a context manager that ends what is shown.

    Args:
        clock: Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock() + _QUIET_SECONDS
        self._status: Status | None = None

    def __call__(self, what: str) -> None:
        """Say what is being done now: ``pair 12 of 90``."""
        now = self._clock()
        if now < self._next:
            return
        if not err.is_terminal:
            self._next = now + _LOG_SECONDS
            note(what)
            return
        if self._status is None:
            self._status = err.status(what)
            self._status.start()
        self._status.update(what)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
