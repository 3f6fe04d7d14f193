"""Runs one call of the engine for one stack in a worker and gathers what comes of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from infra.engine.gather import Gatherer
from infra.engine.model import Operation, StackRef
from infra.engine.private_files import open_private
from infra.engine.run_lock import RunLock
from infra.engine.settings import EngineSettings
from infra.engine.stack_files import StackFiles
from infra.engine.workers.inherited import InheritedPool, offered
from infra.engine.workers.job import Job
from infra.engine.workers.pool import WarmPool
from infra.processes import Channel
from infra.processes.sessions import kill_session

_ARGUMENTS: Mapping[Operation, tuple[str, ...]] = {
    Operation.PREVIEW: ("preview",),
    Operation.DRIFT: ("refresh", "--preview-only"),
    Operation.UP: ("up", "--yes", "--skip-preview"),
    Operation.REFRESH: ("refresh", "--yes", "--skip-preview"),
    Operation.DESTROY: ("destroy", "--yes", "--skip-preview"),
}

#: The operations that policy packs have a say in.
_JUDGED = frozenset({Operation.PREVIEW, Operation.UP})

#: A run lives for seconds and serialises its state after every step: memory is cheaper than collecting garbage.
#: Source: Go documentation, "A Guide to the Go Garbage Collector".
_GO = {"GOGC": "400", "GOMEMLIMIT": "1GiB"}


class Runner:
    """Orders workers and keeps their channels, so that runs can be interrupted.

    Args:
        settings: How the engine runs.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._guard = threading.Lock()
        self._pools: dict[tuple[str, ...], WarmPool | InheritedPool] = {}
        self._active: dict[StackRef, tuple[Channel, Gatherer]] = {}

    def warm(self, preload: tuple[str, ...]) -> None:
        """Start to import what programs need."""
        self._pool(preload).warm()

    def call(self, files: StackFiles, operation: Operation, lock: RunLock, gatherer: Gatherer) -> None:
        """Run the engine to its end.

        Args:
            files: The stack's files.
            operation: What to run.
            lock: The stack's run lock; every process of the run holds it.
            gatherer: Takes in what happens.
        """
        channel = self._start(files, operation, lock)
        with self._guard:
            self._active[files.ref] = (channel, gatherer)
        session = 0
        try:
            while True:
                try:
                    message = channel.receive()
                except KeyboardInterrupt:
                    self.interrupt(files.ref)
                    continue
                if message is None:
                    break
                if message["kind"] == "ready":
                    session = message["pid"]
                gatherer.take(message)
        finally:
            with self._guard:
                del self._active[files.ref]
            channel.close()
            if session and not gatherer.ended_in_order:
                kill_session(session)

    def interrupt(self, ref: StackRef | None = None) -> None:
        """Ask the engine to cancel, gracefully the first time, at once the second.

        Args:
            ref: The stack; None: all that are running.
        """
        with self._guard:
            active = [entry for key, entry in self._active.items() if ref is None or key == ref]
        for channel, gatherer in active:
            gatherer.interrupted = True
            channel.send({"kind": "interrupt"})

    def close(self) -> None:
        """End the warm processes."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _start(self, files: StackFiles, operation: Operation, lock: RunLock) -> Channel:
        project = files.ref.project
        packs = self._settings.packs if operation in _JUDGED else ()
        arguments = [
            *_ARGUMENTS[operation],
            *("--stack", files.ref.stack),
            *("--config-file", str(files.settings)),
            *("--json", "--non-interactive", "--color", "never"),
            *(part for pack in packs for part in ("--policy-pack", str(pack))),
        ]
        job = Job(
            arguments=arguments,
            executable=str(self._settings.command),
            folder=str(project.folder),
            environment={**self._settings.cli_environment(), **_GO},
            attach=dict(self._settings.attach),
            event_log=str(files.event_log),
            packs=len(packs),
        )
        output = open_private(files.output, os.O_WRONLY | os.O_TRUNC)
        try:
            return self._pool(project.preload).start(job, lock=lock.descriptor, output=output)
        finally:
            os.close(output)

    def _pool(self, preload: tuple[str, ...]) -> WarmPool | InheritedPool:
        with self._guard:
            if preload not in self._pools:
                self._pools[preload] = self._new_pool((*self._settings.preload, *preload))
            return self._pools[preload]

    def _new_pool(self, preload: tuple[str, ...]) -> WarmPool | InheritedPool:
        environment, inherited = self._settings.program_environment(), offered()
        if inherited is not None:
            return InheritedPool(inherited, environment)
        return WarmPool(environment, preload, self._settings.runs / "warm.log")
