"""The warm process of steps: imports what they need once, then forks a process for each step and each engine run.

A step whose engine runs a program orders the program's process from here by a second socket, which all steps inherit:
imports are done once a worker. When the worker is dead, the sessions of all steps are killed; when this process is
killed itself, the kernel kills the steps. All of them hold the descriptor by which others see that the worker lives:
that one is let go of only when all of them are gone.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
import traceback
from collections.abc import Sequence

from infra.engine.workers.inherited import offer
from infra.engine.workers.warm import orders_of_workers
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.processes import Channel, Orders, serve
from infra.processes.parent import die_with


def main(control: int, preload: Sequence[str], refresh: Sequence[str] = ()) -> None:
    """Serve until the control socket is closed.

    Args:
        control: Descriptor of the control socket.
        preload: Modules to import, and functions to call, as ``module:function``.
        refresh: Functions to call before each step; the programs of its engine runs have what they keep as well.
    """
    warm_process = os.getpid()
    runs, runs_of_steps = socket.socketpair()

    def step(descriptors: Sequence[int]) -> None:
        die_with(warm_process)
        offer(runs_of_steps)
        (channel,) = descriptors
        _run(Channel(socket.socket(fileno=channel)))

    steps = Orders(socket.socket(fileno=control), 1, step, refresh)
    serve(steps, orders_of_workers(runs, close=[runs_of_steps]), preload=preload)


def _run(channel: Channel) -> None:
    """Do the one step that comes through the channel."""
    message = channel.receive()
    if message is None:
        return
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


def _tell(channel: Channel, done: int, total: int) -> None:
    channel.send({"progress": [done, total]})
