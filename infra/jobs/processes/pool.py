"""The worker's side of its warm process: starts it, has steps run in processes of their own, and ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.jobs.model import JobFailure
from infra.lifecycle.failures import FailureClass
from infra.processes import WarmProcess

_MAIN = "infra.jobs.processes.warm:main"


class StepPool:
    """Processes of steps, forked from one warm process.

    Args:
        environment: The whole environment of the steps.
        preload: Modules that the warm process imports, and functions that it calls, as ``module:function``.
        held: Descriptor that stays open until the warm process and all steps are gone.
        refresh: Functions that the warm process calls before each step, as ``module:function``.
    """

    def __init__(
        self, environment: Mapping[str, str], preload: Sequence[str], held: int, refresh: Sequence[str] = ()
    ) -> None:
        self._process = WarmProcess(_MAIN, environment, preload, refresh, held=[held])

    def warm(self) -> None:
        """Start the warm process, so that it imports while the worker does something else."""
        self._process.warm()

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
        channel = self._process.order()
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
        self._process.close()


def _expire(expired: threading.Event, pids: Sequence[int]) -> None:
    expired.set()
    _kill(pids)


def _kill(pids: Sequence[int]) -> None:
    """Kill a step that is too slow; what it started is ended by the warm process, which sees it die."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
