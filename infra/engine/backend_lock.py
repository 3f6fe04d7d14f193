"""The lock that a file or bucket backend keeps beside a stack's state, and whether its holder is dead."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from datetime import datetime

import psutil

_HOLDER = re.compile(r"created by \S*@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)")

#: The engine names the time of a lock without the fraction of its second.
_SLACK_SECONDS = 1.5


@dataclass(frozen=True)
class LockHolder:
    """Who holds the backend's lock of a stack, as the lock says."""

    host: str
    pid: int
    since: datetime

    def is_dead(self) -> bool:
        """Whether it was a process of this machine that is gone; False wherever that cannot be known."""
        if self.host != socket.gethostname():
            return False
        try:
            process = psutil.Process(self.pid)
            younger = process.create_time() > self.since.timestamp() + _SLACK_SECONDS
            return younger or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False


def lock_holders(text: str) -> list[LockHolder]:
    """The holders that the engine names when a stack is locked.

    Args:
        text: What the engine printed.
    """
    return [
        LockHolder(match["host"], int(match["pid"]), datetime.fromisoformat(match["since"]))
        for match in _HOLDER.finditer(text)
    ]
