"""The warm process of a worker: imports what steps need once, then forks a process for each step and each engine run.

It has one thread, so that forking is safe. Its control socket carries one byte and one descriptor a step; when the
other end of the socket is closed, its owner is dead, and it kills the sessions of all steps. When it is killed itself,
the kernel kills the steps. A step whose engine runs a program orders the program's process from here by a second
socket, which all steps inherit: imports are done once a worker. It and all that it forks hold the descriptor by which
others see that the worker lives: that one is let go of only when all of them are gone.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from types import FrameType

from infra.engine.workers.inherited import offer
from infra.engine.workers.job import DESCRIPTORS, Channel
from infra.engine.workers.launcher import die_with
from infra.engine.workers.sessions import kill_session
from infra.engine.workers.warm import end_workers, fork_worker, prepare, reap_workers
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass

#: The byte that asks for a process.
FORK = b"F"


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
    prepare(preload)
    gc.freeze()
    runs, runs_of_steps = socket.socketpair()
    ours = [connection.fileno(), runs.fileno(), wake_read, wake_write]
    steps: set[int] = set()
    workers: set[int] = set()
    while True:
        readable, _, _ = select.select([connection, runs, wake_read], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
            _reap_steps(steps)
            reap_workers(workers)
        if runs in readable:
            _, descriptors, _, _ = socket.recv_fds(runs, 1, DESCRIPTORS)
            workers.add(fork_worker(descriptors, [*ours, runs_of_steps.fileno()]))
        if connection in readable:
            message, descriptors, _, _ = socket.recv_fds(connection, 1, 1)
            if message != FORK:
                break
            steps.add(_fork(ours, runs_of_steps, descriptors[0]))
    for step in steps:
        kill_session(step)
    end_workers(workers)


def _fork(ours: Sequence[int], runs: socket.socket, channel: int) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid != 0:
        os.close(channel)
        return pid
    try:
        die_with(parent)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor in ours:
            os.close(descriptor)
        offer(runs)
        _run(Channel(socket.socket(fileno=channel)))
    except BaseException:  # noqa: BLE001 - this process must not go on as a second warm one
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _run(channel: Channel) -> None:
    """Do the one step that comes through the channel, and end the process."""
    message = channel.receive()
    if message is None:
        os._exit(0)
    module, _, function = str(message.pop("target")).partition(":")
    channel.send({"pid": os.getpid()})
    try:
        step = getattr(importlib.import_module(module), function)
        result = step(StepCall(**message, progress=lambda done, total: _tell(channel, done, total)))
        answer = {"result": json.loads(json.dumps(result))}
    except StepFailed as error:
        answer = {"failure": [error.failure_class, error.message, error.remedy]}
    except Exception as error:  # noqa: BLE001 - a step may raise anything; the operation ends with it
        sys.stderr.write(traceback.format_exc())
        remedy = "this is a defect of the step: see the worker's log"
        answer = {"failure": [FailureClass.INTERNAL, f"{type(error).__name__}: {error}", remedy]}
    channel.send(answer)
    os._exit(0)


def _tell(channel: Channel, done: int, total: int) -> None:
    channel.send({"progress": [done, total]})


def _reap_steps(steps: set[int]) -> None:
    """Collect steps that ended, and end what they left running."""
    for step in tuple(steps):
        with contextlib.suppress(ChildProcessError):
            ended, _ = os.waitpid(step, os.WNOHANG)
            if ended == 0:
                continue
        kill_session(step)
        steps.discard(step)


def _ignore_but_wake(signum: int, frame: FrameType | None) -> None:
    """A handler of our own, or no wake-up byte is written."""
    del signum, frame
