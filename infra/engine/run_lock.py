"""One run a stack on this machine: a lock that is free exactly when every process of the last run is dead.

The lock is an ``flock`` on an open file that the worker, the engine and its plugins inherit; the kernel lets go of it
when the last of them is gone, however it ended. The file's content says who runs what since when, and whether the
last run ended in order: content that is left over means that it did not.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from infra.engine.errors import StackBusy
from infra.engine.model import Operation, StackRef
from infra.engine.private_files import open_private, private_folder
from infra.engine.workers.job import ORPHAN_GRACE
from infra.processes.sessions import kill_until_gone

_PAUSE_SECONDS = 0.02
_HANDOVER_SECONDS = 0.5
_WIND_UP_SECONDS = ORPHAN_GRACE + 1.0


@dataclass(frozen=True)
class RunRecord:
    """Who runs the stack.

    Args:
        pid: The process that ordered the run.
        born: When that process was created, in seconds since the epoch; tells it from a later one with the same id.
        operation: What is run.
        since: When the run began, ISO 8601.
    """

    pid: int
    born: float
    operation: str
    since: str

    def owner_lives(self) -> bool:
        """Whether the process that ordered the run is still there."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.born) < 1.0
        except psutil.Error:
            return False


@dataclass(frozen=True)
class RunLock:
    """A lock that is held.

    Args:
        path: The lock's file.
        descriptor: Its open descriptor; processes that inherit it hold the lock with us.
        interrupted: What a run before this one left behind because it died; None if it ended in order.
    """

    path: Path
    descriptor: int
    interrupted: RunRecord | None

    def begin(self, operation: Operation) -> None:
        """Note that a run is on its way; a note that stays means that the run died."""
        process = psutil.Process()
        self._write(RunRecord(process.pid, process.create_time(), operation, datetime.now(UTC).isoformat()))

    def finish(self) -> None:
        """Note that the run ended in order."""
        self._write(None)

    def _write(self, record: RunRecord | None) -> None:
        content = b"" if record is None else json.dumps(asdict(record)).encode()
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, content, 0)


@contextlib.contextmanager
def run_lock(path: Path, ref: StackRef, *, shared: bool = False) -> Generator[RunLock]:
    """Hold a stack's run lock.

    Args:
        path: The lock's file.
        ref: The stack, for messages.
        shared: Whether other holders of the same kind are welcome: previews change nothing.

    Yields:
        The lock.

    Raises:
        StackBusy: a run of the stack is alive.
    """
    private_folder(path.parent)
    descriptor = open_private(path, os.O_RDWR)
    try:
        _acquire(descriptor, path, ref, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield RunLock(path, descriptor, _read(descriptor))
    finally:
        os.close(descriptor)


def left_over_record(path: Path) -> RunRecord | None:
    """The record of a run that died; None where the last run ended in order or is still going on.

    Args:
        path: The lock's file; it exists.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return _read(descriptor) if _try(descriptor, fcntl.LOCK_SH, 0.0) else None
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, path: Path, ref: StackRef, kind: int) -> None:
    """Take the lock; wait for a run that is on its way out, and end one whose owner died but which does not end."""
    if _try(descriptor, kind, _HANDOVER_SECONDS):
        return
    record = _read(descriptor)
    if record is None or record.owner_lives():
        raise _busy(ref, record)
    if _try(descriptor, kind, _WIND_UP_SECONDS):
        return
    kill_until_gone(lambda: _holders(path))
    if not _try(descriptor, kind, _HANDOVER_SECONDS):
        raise _busy(ref, record)


def _try(descriptor: int, kind: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True


def _read(descriptor: int) -> RunRecord | None:
    content = os.pread(descriptor, 4096, 0)
    try:
        return RunRecord(**json.loads(content)) if content else None
    except (ValueError, TypeError):
        return RunRecord(pid=0, born=0.0, operation="unknown", since="unknown")


def _holders(path: Path) -> list[int]:
    """The processes, other than this one, that have the lock's file open."""
    found: list[int] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and any(file.path == str(path) for file in process.open_files()):
                found.append(process.pid)
    return found


def _busy(ref: StackRef, record: RunRecord | None) -> StackBusy:
    if record is None:
        who, remedy = "another run", "wait until it has ended"
    else:
        who = f"`{record.operation}` by process {record.pid} since {record.since}"
        remedy = f"wait until it has ended, or interrupt it: kill -INT {record.pid}"
    return StackBusy(f"the stack is being worked on: {who}", remedy=remedy, where=str(ref))
