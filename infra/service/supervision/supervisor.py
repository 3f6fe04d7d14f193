"""Keeps the service's processes running: starts them, starts again those that end, and ends all of them with itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from infra.errors import UserError
from infra.service.supervision.child import READY, ChildSpec, ChildState, ChildStatus
from infra.service.supervision.status import write_status

_LOG_BYTES = 10_000_000
_SHOWN_LINES = 12


class ChildRefused(UserError):
    """A process refused to start: its settings or its surroundings are not as they must be."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the supervisor waits, in seconds.

    Args:
        first_pause: Before a process that ended is started again; doubles each time.
        longest_pause: The most.
        settled: A process that worked so long begins again with the first pause.
        stop: After SIGTERM, before a process is killed.
    """

    first_pause: float = 0.5
    longest_pause: float = 30.0
    settled: float = 60.0
    stop: float = 15.0

    def pause(self, failures: int) -> float:
        """The pause after so many ends in a row, from 1."""
        return min(self.longest_pause, self.first_pause * 2 ** min(failures - 1, 20))


class Supervisor:
    """Runs processes until it is told to stop.

    Args:
        children: The processes.
        folder: Of the service: the status file and the logs.
        to_files: Whether each process logs to a file of its own; else to this one's standard error.
        patience: How long it waits.
    """

    def __init__(
        self, children: Sequence[ChildSpec], folder: Path, *, to_files: bool, patience: Patience | None = None
    ) -> None:
        self._children = children
        self._folder = folder
        self._to_files = to_files
        self._patience = patience or Patience()
        self._status: dict[str, ChildStatus] = {}
        self._stop = asyncio.Event()
        self._kill = asyncio.Event()

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Run until SIGTERM or SIGINT; a second one kills what has not ended yet.

        Args:
            on_ready: Is called once, when all processes work for the first time.

        Raises:
            ChildRefused: a process ended before it worked for the first time.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop)
        ready = [asyncio.Event() for _ in self._children]
        kept = [asyncio.create_task(self._keep(spec, first)) for spec, first in zip(self._children, ready, strict=True)]
        all_ready = asyncio.create_task(_all_of(ready))
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([all_ready, stopped, *kept], return_when=asyncio.FIRST_COMPLETED)
            if all_ready.done() and not stopped.done():
                on_ready()
                await asyncio.wait([stopped, *kept], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop.set()
            all_ready.cancel()
            results = await asyncio.gather(*kept, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _asked_to_stop(self) -> None:
        if self._stop.is_set():
            self._kill.set()
        self._stop.set()

    async def _keep(self, spec: ChildSpec, first: asyncio.Event) -> None:
        """Run one process, again and again."""
        failures = 0
        restarts = 0
        last_exit: int | None = None
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            process = await self._start(spec)
            self._note(
                spec,
                ChildStatus(state=ChildState.STARTING, pid=process.pid, restarts=restarts, last_exit=last_exit),
            )
            works = asyncio.create_task(self._works(spec, process, first))
            began = loop.time()
            last_exit = await self._wait(process)
            works.cancel()
            if self._stop.is_set():
                return
            if not first.is_set():
                raise ChildRefused(
                    f"the process {spec.name} ended with {last_exit} before it worked{self._last_words(spec)}",
                    "mend what it says",
                    str(self._log(spec)) if self._to_files else spec.name,
                )
            failures = 1 if loop.time() - began > self._patience.settled else failures + 1
            restarts += 1
            self._note(
                spec, ChildStatus(state=ChildState.WAITING, pid=process.pid, restarts=restarts, last_exit=last_exit)
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), self._patience.pause(failures))

    async def _start(self, spec: ChildSpec) -> asyncio.subprocess.Process:
        with contextlib.ExitStack() as opened:
            errors = opened.enter_context(self._opened_log(spec)) if self._to_files else None
            return await asyncio.create_subprocess_exec(
                *spec.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env=dict(spec.environment),
                pass_fds=spec.descriptors,
                start_new_session=True,  # Ctrl-C is for the supervisor, which ends the others in order
            )

    async def _works(self, spec: ChildSpec, process: asyncio.subprocess.Process, first: asyncio.Event) -> None:
        output = cast("asyncio.StreamReader", process.stdout)
        async for line in output:
            if line == READY:
                self._note(spec, replace(self._status[spec.name], state=ChildState.RUNNING))
                first.set()

    async def _wait(self, process: asyncio.subprocess.Process) -> int:
        """Wait for the end of a process, which is asked for when the service is to stop."""
        ended = asyncio.create_task(process.wait())
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait([ended, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not ended.done():
            _signal(process, signal.SIGTERM)
            killed = asyncio.create_task(self._kill.wait())
            await asyncio.wait([ended, killed], return_when=asyncio.FIRST_COMPLETED, timeout=self._patience.stop)
            killed.cancel()
            if not ended.done():
                _signal(process, signal.SIGKILL)
        return await ended

    def _note(self, spec: ChildSpec, status: ChildStatus) -> None:
        self._status[spec.name] = status
        write_status(self._folder, self._status)

    def _log(self, spec: ChildSpec) -> Path:
        return self._folder / f"{spec.name}.log"

    def _opened_log(self, spec: ChildSpec) -> BinaryIO:
        log = self._log(spec)
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb")

    def _last_words(self, spec: ChildSpec) -> str:
        if not self._to_files:
            return ""
        lines = self._log(spec).read_text(encoding="utf-8", errors="replace").splitlines()[-_SHOWN_LINES:]
        return "".join(f"\n    {line}" for line in lines)


async def _all_of(events: Sequence[asyncio.Event]) -> None:
    for event in events:
        await event.wait()


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
