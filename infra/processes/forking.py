"""The inside of a warm process: imports once, then forks a process for each order that it gets.

It has one thread, so that forking is safe. An order is one byte with descriptors. When the other end of its control
socket is closed, its owner has no more use for it or is dead, and it ends what it has forked. SIGTERM ends it at once
as long as it imports, when it has forked nothing; later it is ignored, since only the socket's end is the end.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from infra.processes.preload import call, prepare
from infra.processes.sessions import kill_session

#: The byte that asks for a process.
ORDER = b"F"
_PAUSE_SECONDS = 0.02
#: What is forked lives for seconds, mostly: cycles are looked for after 100,000 new objects, not after every 700.
#: Source: Python documentation, "gc", set_threshold.
_COLLECT = (100_000, 20, 100)


@dataclass(frozen=True)
class Orders:
    """Where orders for processes of one kind come from, and what those do.

    Args:
        connection: The socket.
        descriptors: How many come with each order.
        work: Is called in the forked process, which leads a session, with the descriptors; the process ends with it.
        refresh: Functions that are called before each fork, as ``module:function``: what they keep, the process has.
        grace: How long, in seconds, those that run when the warm process ends may take before they are killed.
        sessions: The processes that run, by process id, which is the id of the session as well.
    """

    connection: socket.socket
    descriptors: int
    work: Callable[[Sequence[int]], None]
    refresh: Sequence[str] = ()
    grace: float = 0.0
    sessions: set[int] = field(default_factory=set[int])

    def take(self, own: Sequence[int]) -> bool:
        """Take one order and fork its process.

        Args:
            own: Descriptors of the warm process that the forked one must not keep.

        Returns:
            False when the other end of the socket is closed.
        """
        message, descriptors, _, _ = socket.recv_fds(self.connection, 1, self.descriptors)
        if message != ORDER:
            return False
        for target in self.refresh:
            with contextlib.suppress(Exception):  # what cannot be had, the process asks for itself, and reports
                call(target)
        self.sessions.add(_fork(self.work, descriptors, own))
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def reap(self) -> None:
        """Collect processes that ended, and end what they left running."""
        for session in tuple(self.sessions):
            with contextlib.suppress(ChildProcessError):
                ended, _ = os.waitpid(session, os.WNOHANG)
                if ended == 0:
                    continue
            kill_session(session)
            self.sessions.discard(session)

    def end(self) -> None:
        """Wait for the processes as long as they are given, and kill those that are left."""
        deadline = time.monotonic() + self.grace
        while self.sessions and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
            self.reap()
        for session in self.sessions:
            kill_session(session)


def serve(control: Orders, *others: Orders, preload: Sequence[str]) -> None:
    """Import, and fork what is ordered until the control socket is closed.

    Args:
        control: The orders of the owner.
        others: Further orders, whose sockets do not end.
        preload: Modules to import, and functions to call, as ``module:function``.
    """
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _ignore_but_wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare(preload)
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    kinds = (control, *others)
    own = [wake_read, wake_write, *(kind.connection.fileno() for kind in kinds)]
    while True:
        readable, _, _ = select.select([wake_read, *(kind.connection for kind in kinds)], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
            for kind in kinds:
                kind.reap()
        for kind in others:
            if kind.connection in readable:
                kind.take(own)
        if control.connection in readable and not control.take(own):
            break
    for kind in kinds:
        kind.end()


def _fork(work: Callable[[Sequence[int]], None], descriptors: Sequence[int], own: Sequence[int]) -> int:
    pid = os.fork()
    if pid != 0:
        return pid
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in own:
            os.close(descriptor)
        work(descriptors)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - this process must not go on as a second warm one
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _ignore_but_wake(signum: int, frame: FrameType | None) -> None:
    """A handler of our own, or no wake-up byte is written."""
    del signum, frame
