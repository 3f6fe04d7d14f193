"""Waiting for something to be so, and for processes to end."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil
import pytest

#: Less than a test may take; a machine that does much else beside is slow.
_PATIENCE_SECONDS = 480.0


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so; a test that waits in vain fails."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"waited in vain for {what}")
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Whether a process is there and more than a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
