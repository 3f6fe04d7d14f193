"""One service a home: a lock that is free exactly when the supervisor and all processes of the last one are gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Generator
from pathlib import Path

import psutil

from infra.engine.private_files import open_private
from infra.errors import UserError

LOCK_FILE = "serve.lock"
_PAUSE_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 30.0


class ServiceRuns(UserError):
    """Another `bulkhead serve` has the home."""


@contextlib.contextmanager
def sole_service(folder: Path) -> Generator[int]:
    """Have the home of the service for oneself. Processes of a service that was killed are waited for: they end soon.

    Args:
        folder: Of the service.

    Yields:
        The descriptor that the processes of this service are to inherit.

    Raises:
        ServiceRuns: another one has it.
    """
    path = folder / LOCK_FILE
    descriptor = open_private(path, os.O_RDWR)
    try:
        _lock(descriptor, path)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {psutil.Process().create_time()}\n".encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            supervisor = _living(os.pread(descriptor, 64, 0).decode(errors="replace"))
            if supervisor is None and time.monotonic() < deadline:
                time.sleep(_PAUSE_SECONDS)
                continue
            raise ServiceRuns(
                f"a service of this home runs already, in process {supervisor or 'unknown'}",
                "stop that one, or give this one another home by BULKHEAD_HOME",
                str(path),
            ) from None
        return


def _living(said: str) -> int | None:
    """The process that a lock's file names, if it lives and is still the same."""
    try:
        pid, born = said.split()
        process = psutil.Process(int(pid))
        lives = process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - float(born)) < 1.0
    except (ValueError, psutil.Error):
        return None
    return int(pid) if lives else None
