"""The warm process: imports what programs need once, then forks one worker a run.

It is started by `infra.engine.workers.pool` with a control socket, whose messages are one byte and three descriptors.
Another process that is warm already can fork workers in the same way: see `infra.engine.workers.inherited`.
It has one thread, so that forking is safe, and ends when the other end of the socket is closed.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from types import FrameType, ModuleType

from infra.engine.workers.job import DESCRIPTORS, FORK, ORPHAN_GRACE
from infra.engine.workers.sessions import kill_session

#: What a worker runs. It imports gRPC and the engine's SDK, which whoever forks no worker need not.
WORKER = "infra.engine.workers.worker"

_END_SLACK = 2.0


def main(control: int, preload: Sequence[str]) -> None:
    """Serve until the control socket is closed.

    Args:
        control: Descriptor of the control socket.
        preload: Modules to import, and functions to call, as ``module:function``.
    """
    connection = socket.socket(fileno=control)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _ignore_but_wake)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prepare([WORKER, *preload])
    gc.freeze()
    sessions: set[int] = set()
    while True:
        readable, _, _ = select.select([connection, wake_read], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
            reap_workers(sessions)
        if connection in readable:
            message, descriptors, _, _ = socket.recv_fds(connection, 1, DESCRIPTORS)
            if message != FORK:
                break
            sessions.add(fork_worker(descriptors, [connection.fileno(), wake_read, wake_write]))
    end_workers(sessions)


def prepare(preload: Sequence[str]) -> None:
    """Import what will be needed; what cannot be imported is reported by whoever needs it.

    Args:
        preload: Modules to import, and functions to call, as ``module:function``.
    """
    for target in preload:
        module, _, function = target.partition(":")
        try:
            imported = importlib.import_module(module)
            _load(imported)
            if function:
                getattr(imported, function)()
        except Exception as error:  # noqa: BLE001 - the program's own import reports it to the user
            sys.stderr.write(f"cannot prepare {target} ahead of time: {error}\n")
    _load_lazy_modules()


def _load_lazy_modules() -> None:
    """Load what the imported code refers to. Provider SDKs load their modules when an attribute is first asked for."""
    for module in [module for module in list(sys.modules.values()) if _is_own(module)]:
        for value in list(vars(module).values()):
            if isinstance(value, ModuleType):
                _load(value)


def _load(module: ModuleType) -> None:
    """Load a module that waits for the first question; one that is loaded answers at once."""
    getattr(module, "__all__", None)


def _is_own(module: ModuleType) -> bool:
    """Whether a module is a program's and not a library's."""
    file = getattr(module, "__file__", None)
    return file is not None and "site-packages" not in file


def fork_worker(descriptors: Sequence[int], ours: Sequence[int]) -> int:
    """Fork a worker, from a process with one thread.

    Args:
        descriptors: The channel, the run lock and the output file of the worker, which are closed here.
        ours: Descriptors of this process that the worker must not keep.

    Returns:
        Its process id, which is the id of its session as well.
    """
    channel, lock, output = descriptors
    pid = os.fork()
    if pid != 0:
        for descriptor in descriptors:
            os.close(descriptor)
        return pid
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in ours:
            os.close(descriptor)
        importlib.import_module(WORKER).work(socket.socket(fileno=channel), lock, output)
    except BaseException:  # noqa: BLE001 - this process must not go on as a second warm one
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def reap_workers(sessions: set[int]) -> None:
    """Collect workers that ended, and end what one that was killed left behind."""
    for session in tuple(sessions):
        with contextlib.suppress(ChildProcessError):
            ended, _ = os.waitpid(session, os.WNOHANG)
            if ended == 0:
                continue
        kill_session(session)
        sessions.discard(session)


def end_workers(sessions: set[int]) -> None:
    """Workers have lost their callers as well and wind up; those that do not are killed."""
    deadline = time.monotonic() + ORPHAN_GRACE + _END_SLACK
    while sessions and time.monotonic() < deadline:
        time.sleep(0.02)
        reap_workers(sessions)
    for session in sessions:
        kill_session(session)


def _ignore_but_wake(signum: int, frame: FrameType | None) -> None:
    """A handler of our own, or no wake-up byte is written."""
    del signum, frame
