"""The worker's side of its warm process: starts it, has steps run in processes of their own, and ends them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.engine.workers.job import Channel
from infra.jobs.model import JobFailure
from infra.jobs.processes.forker import FORK
from infra.lifecycle.failures import FailureClass

#: How long the warm process may take to end its steps; it answers at once unless it is importing.
_PATIENCE_SECONDS = 5.0
_START = (
    "import json, sys; control, path, preload = json.loads(sys.argv[1]); sys.path[:] = path; "
    "from infra.jobs.processes.forker import main; main(control, preload)"
)


class StepPool:
    """Processes of steps, forked from one warm process.

    Args:
        environment: The whole environment of the steps.
        preload: Modules that the warm process imports, and functions that it calls, as ``module:function``.
        held: Descriptor that stays open until the warm process and all steps are gone.
    """

    def __init__(self, environment: Mapping[str, str], preload: Sequence[str], held: int) -> None:
        self._environment = dict(environment)
        self._preload = list(preload)
        self._held = held
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def warm(self) -> None:
        """Start the warm process, so that it imports while the worker does something else."""
        with self._starting:
            self._running_control()

    def run(
        self, target: str, call: Mapping[str, Any], timeout: float, on_progress: Callable[[int, int], None]
    ) -> dict[str, Any] | JobFailure:
        """Run one attempt at a step and wait for it.

        Args:
            target: ``module:function``.
            call: The fields of `infra.jobs.processes.call.StepCall` except the progress.
            timeout: In seconds; the step is killed after it.
            on_progress: Is told how many parts are done and how many there are.

        Returns:
            ``{"result": ...}``, or how it failed.
        """
        channel = Channel(self._order())
        channel.send({"target": target, **call})
        pids: list[int] = []
        expired = threading.Event()
        alarm = threading.Timer(timeout, _expire, (expired, pids))
        alarm.daemon = True
        alarm.start()
        try:
            for message in channel:
                if "pid" in message:
                    pids.append(message["pid"])
                    if expired.is_set():
                        _kill(pids)
                elif "progress" in message:
                    on_progress(*message["progress"])
                elif "failure" in message:
                    failure_class, text, remedy = message["failure"]
                    return JobFailure(FailureClass(failure_class), text, remedy)
                else:
                    return message
        finally:
            alarm.cancel()
            channel.close()
        cause = f"was killed after its {timeout:g} s" if expired.is_set() else "ended before it answered"
        return JobFailure(
            FailureClass.TRANSIENT, f"the step's process {cause}", "see the worker's log for what it did last"
        )

    def close(self) -> None:
        """End the warm process and all steps, and wait for them."""
        with self._starting:
            self._forget()

    def _order(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, self._starting:
            try:
                socket.send_fds(self._running_control(), [FORK], [theirs.fileno()])
            except OSError:  # it was killed since: start another
                self._forget()
                socket.send_fds(self._running_control(), [FORK], [theirs.fileno()])
        return ours

    def _running_control(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._forget()
        if self._control is None:
            self._control = self._spawn()
        return self._control

    def _spawn(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            arguments = json.dumps([theirs.fileno(), sys.path, self._preload])
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                pass_fds=[theirs.fileno(), self._held],
                start_new_session=True,
            )
        return ours

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:  # it still imports, and has forked nothing yet
                self._process.kill()
                self._process.wait()
            self._process = None


def _expire(expired: threading.Event, pids: Sequence[int]) -> None:
    expired.set()
    _kill(pids)


def _kill(pids: Sequence[int]) -> None:
    """Kill a step that is too slow; what it started is ended by the warm process, which sees it die."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
