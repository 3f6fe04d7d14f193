"""Named points in a process at which a test has it wait, so that it can be killed there, or has it kill itself.

A point is armed by a file, so that any process passes it as the test says. What waits, waits for one lock that the test
holds: whoever outlives its kill goes on when the test lets go, and what it does then is seen.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from sqlalchemy import event
from sqlalchemy.pool import Pool


class StrikePoints:
    """The points of one test.

    Args:
        folder: Where they are armed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "points"
        for name in ("hold", "die", "reached"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)

    def hold(self, operation: str, step: str, moment: str) -> None:
        """Have whoever comes there wait while the gate is closed."""
        (self._folder / "hold" / _name(operation, step, moment)).touch()

    def die(self, operation: str, step: str, moment: str) -> None:
        """Have the first process that comes there kill itself."""
        (self._folder / "die" / _name(operation, step, moment)).touch()

    def is_reached(self, operation: str, step: str, moment: str) -> bool:
        """Whether somebody has come there."""
        return (self._folder / "reached" / _name(operation, step, moment)).exists()

    def is_armed(self, operation: str, step: str, moment: str) -> bool:
        """Whether whoever comes there waits or dies."""
        name = _name(operation, step, moment)
        return any((self._folder / how / name).exists() for how in ("hold", "die"))

    def all_struck(self) -> bool:
        """Whether nobody is to die any more."""
        return not any((self._folder / "die").iterdir())

    def reach(self, operation: str, step: str, moment: str) -> None:
        """Come to a point."""
        name = _name(operation, step, moment)
        reached = self._folder / "reached" / name
        try:
            (self._folder / "die" / name).rename(reached)
        except FileNotFoundError:
            pass
        else:
            os.kill(os.getpid(), signal.SIGKILL)
        if (self._folder / "hold" / name).exists():
            reached.touch()
            with self._gate() as gate:
                fcntl.flock(gate, fcntl.LOCK_SH)

    def close(self) -> Callable[[], None]:
        """Close the gate; returns what opens it. Points that were armed to hold are not any more then."""
        gate = self._gate()
        fcntl.flock(gate, fcntl.LOCK_EX)

        def let_go() -> None:
            for armed in (self._folder / "hold").iterdir():
                armed.unlink()
            gate.close()

        return let_go

    def _gate(self) -> TextIO:
        return (self._folder / "gate").open("w")


class _Deferred(threading.local):
    """What a thread does when its transaction is over."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []


_deferred = _Deferred()


def after_transaction(what: Callable[[], None]) -> None:
    """Do something in this thread when the transaction that it is in has been committed."""
    _deferred.calls.append(what)


def watch_transactions() -> None:
    """Have `after_transaction` work in this process: a connection is given back when its transaction is over."""

    def over(_connection: object, _record: object) -> None:
        calls, _deferred.calls = _deferred.calls, []
        for call in calls:
            call()

    event.listen(Pool, "checkin", over)


def _name(operation: str, step: str, moment: str) -> str:
    return f"{operation}.{step.replace(' ', '-')}.{moment}"
