"""Finds and ends the processes of one run.

Each worker leads a session of its own. The engine gives its plugins process groups of their own, so that a process
group does not cover them; a session does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable

import psutil

_PAUSE_SECONDS = 0.01
_ROUNDS = 500


def members(session: int) -> list[int]:
    """The living processes of a session, without the caller's own.

    Args:
        session: The session's id: the process id of its leader, alive or not.
    """
    found: list[int] = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if pid != os.getpid() and os.getsid(pid) == session and not _is_zombie(pid):
                found.append(pid)
    return found


def kill_session(session: int) -> bool:
    """End every process of a session except the caller, also those that are forked meanwhile.

    Args:
        session: The session's id.

    Returns:
        Whether all of them are gone.
    """
    return kill_until_gone(lambda: members(session))


def kill_until_gone(find: Callable[[], list[int]]) -> bool:
    """Kill what ``find`` lists until it lists nothing.

    Args:
        find: Lists process ids.

    Returns:
        Whether all of them are gone.
    """
    for _ in range(_ROUNDS):
        pids = find()
        if not pids:
            return True
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)
    return False


def _is_zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
