"""Runs stacks: the one door to Pulumi for everything above."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.closing import Closing
from infra.engine.cli import Cli
from infra.engine.errors import EngineError
from infra.engine.gather import Gatherer
from infra.engine.lifecycle import Lifecycle
from infra.engine.local_state import local_folder, stack_exists, stack_files
from infra.engine.model import READING, OnEvent, Operation, Project, StackEvent, StackRef, StackResult
from infra.engine.passphrase import ensure_passphrase
from infra.engine.private_files import private_folder
from infra.engine.recovery.finder import Finder
from infra.engine.recovery.recover import Recovery
from infra.engine.run_lock import run_lock
from infra.engine.runner import Runner
from infra.engine.settings import EngineSettings
from infra.engine.stack_files import StackFiles

_LEAST_PARALLEL = 4


class Engine(Closing):
    """The Pulumi engine over one backend; safe to use from several threads, a stack at a time each.

    Args:
        settings: How it runs.
        finder: Looks up in the cloud what a dead run was creating; None: such a run is reported, not recovered.
        finders: By a project's name, the finder of projects whose resources are seen with other credentials.
    """

    def __init__(
        self, settings: EngineSettings, finder: Finder | None = None, finders: Mapping[str, Finder] | None = None
    ) -> None:
        self._settings = settings
        self._cli = Cli(settings.command, settings.cli_environment())
        self._runner = Runner(settings)
        recovery = Recovery(self._cli, self._runner, finder, finders or {})
        self._lifecycle = Lifecycle(settings, self._cli, self._runner, recovery)
        self._stopping = threading.Event()
        if settings.passphrase_file is not None:
            ensure_passphrase(settings.passphrase_file)
        folder = local_folder(settings.backend_url)
        if folder is not None:
            private_folder(folder)

    def close(self) -> None:
        """End the warm processes; runs that are still going are interrupted."""
        self._runner.interrupt()
        self._runner.close()

    def warm(self, project: Project) -> None:
        """Start to import what a project's program needs, while the caller does something else."""
        self._runner.warm(project.preload)

    def run(
        self,
        ref: StackRef,
        operation: Operation,
        *,
        config: Mapping[str, str] | None = None,
        on_event: OnEvent | None = None,
        events: Path | None = None,
    ) -> StackResult:
        """Run one operation on one stack; the stack is made when it is not there.

        What a dead run left behind is recovered first. Ctrl-C in the main thread cancels the run.

        Args:
            ref: The stack.
            operation: What to do.
            config: Plain configuration values of this run, besides those of the settings.
            on_event: Gets progress as it happens, on the calling thread.
            events: A file that gets the engine's events, one JSON object a line: what is planned, secrets masked. Two
                previews of a stack may run at once, so that the stack's own file may hold another's.

        Returns:
            How it ended; failures are in its ``error``, not raised.
        """
        files = StackFiles(self._settings.runs, ref, events)
        gatherer = Gatherer(ref, operation, on_event, _known_size(files))
        gatherer.emit("started")
        try:
            shared = operation in READING and stack_exists(self._settings.backend_url, ref) is not False
            with run_lock(files.lock, ref, shared=shared) as lock:
                files.prepare({**self._settings.stack_config, **(config or {})})
                result = self._lifecycle.run(files, operation, lock, gatherer)
        except EngineError as error:
            result = gatherer.failure(error)
        except OSError as error:
            where = str(error.filename or ref)
            result = gatherer.failure(EngineError(f"{error.strerror}", remedy="free the path or the disk", where=where))
        except KeyboardInterrupt:
            result = gatherer.cancelled()
        if result.outcome == "succeeded":
            files.size.write_text(str(gatherer.done))
        gatherer.emit("finished", result=result)
        return result

    def run_many(
        self,
        refs: Sequence[StackRef],
        operation: Operation,
        *,
        parallel: int | None = None,
        config: Mapping[str, str] | None = None,
        on_event: OnEvent | None = None,
        events: Mapping[StackRef, Path] | None = None,
    ) -> list[StackResult]:
        """Run one operation on several stacks at the same time; one that fails does not stop the others.

        Args:
            refs: The stacks, each once.
            operation: What to do.
            parallel: How many run at once; by default as many as there are processors, at least 4.
            config: Plain configuration values of this run, besides those of the settings.
            on_event: Gets progress as it happens, one event at a time, from several threads.
            events: By stack, the file that gets the engine's events.

        Returns:
            The results, in the order of ``refs``. After Ctrl-C those that had not started are ``cancelled``.
        """
        if len(set(refs)) != len(refs):
            raise ValueError("a stack is named twice")
        self._stopping.clear()
        notify = _one_at_a_time(on_event)
        workers = parallel or max(_LEAST_PARALLEL, os.cpu_count() or 1)
        with ThreadPoolExecutor(max_workers=max(1, min(workers, len(refs)))) as threads:
            futures = [
                threads.submit(self._run_unless_stopping, ref, operation, config, notify, (events or {}).get(ref))
                for ref in refs
            ]
            while True:
                try:
                    return [future.result() for future in futures]
                except KeyboardInterrupt:
                    self._stopping.set()
                    self._runner.interrupt()

    def interrupt(self, ref: StackRef | None = None) -> None:
        """Cancel a run from another thread; a second call ends it at once.

        Args:
            ref: The stack; None: all that are running.
        """
        self._runner.interrupt(ref)

    def stacks(self, project: Project) -> list[str]:
        """The names of a project's stacks, in the order of the alphabet.

        Raises:
            EngineError: the backend cannot be read.
        """
        files = stack_files(self._settings.backend_url, project)
        if files is not None:
            return sorted(files)
        listed = self._cli.run(["stack", "ls", "--json"], project.folder)
        return sorted(entry["name"].rsplit("/", 1)[-1] for entry in json.loads(listed.stdout))

    def exists(self, ref: StackRef) -> bool:
        """Whether the backend has the stack."""
        known = stack_exists(self._settings.backend_url, ref)
        return ref.stack in self.stacks(ref.project) if known is None else known

    def outputs(self, ref: StackRef) -> dict[str, Any]:
        """The stack's outputs, secrets masked.

        Raises:
            StackMissing: there is no such stack.
        """
        return json.loads(self._stack_command(ref, "output", "--json"))

    def export(self, ref: StackRef) -> dict[str, Any]:
        """The stack's state; secrets stay encrypted.

        Returns:
            The deployment, as ``pulumi stack export`` prints it: ``version`` and ``deployment``.

        Raises:
            StackMissing: there is no such stack.
        """
        return json.loads(self._stack_command(ref, "export"))

    def remove(self, ref: StackRef) -> None:
        """Remove an empty stack from the backend.

        Raises:
            EngineError: it still has resources, or it is being worked on.
        """
        files = StackFiles(self._settings.runs, ref)
        with run_lock(files.lock, ref):
            files.prepare({})
            self._lifecycle.remove(files)

    def recover(self, ref: StackRef) -> None:
        """Recover what a dead run of a stack left behind, as the next run would, and run nothing.

        Raises:
            EngineError: it could not be recovered, or the stack is being worked on.
        """
        files = StackFiles(self._settings.runs, ref)
        with run_lock(files.lock, ref) as lock:
            files.prepare(self._settings.stack_config)
            self._lifecycle.recover(files, lock, Gatherer(ref, Operation.REFRESH, None))

    def revive(self, ref: StackRef, planned: Mapping[str, str]) -> tuple[str, ...]:
        """Take back what a failed update had begun to replace, so that it need not be made again beside itself.

        Args:
            ref: The stack; nothing of a dead run is left in it.
            planned: URN -> the physical id that the next update is going to make.

        Returns:
            The URNs of resources that are current again.

        Raises:
            EngineError: the backend cannot be read or written, or the stack is being worked on.
        """
        files = StackFiles(self._settings.runs, ref)
        with run_lock(files.lock, ref):
            return self._lifecycle.revive(files, planned)

    def forget(self, ref: StackRef) -> None:
        """Remove what this machine keeps of the runs of a stack that is gone: their files, and the engine's logs.

        Raises:
            EngineError: a run of it is alive.
        """
        files = StackFiles(self._settings.runs, ref)
        if files.folder.is_dir():
            with run_lock(files.lock, ref):
                files.remove()
            shutil.rmtree(files.folder)
        for log in (self._settings.pulumi_home / "logs").glob(f"*+{ref.project.name}+{ref.stack}-[0-9]*.log"):
            log.unlink(missing_ok=True)

    def unprotect(self, ref: StackRef, urns: Sequence[str] | None = None) -> None:
        """Lift the protection of resources of a stack, so that they can be deleted.

        Args:
            ref: The stack.
            urns: The resources; None: all.

        Raises:
            EngineError: there is no such stack or resource, or it is being worked on.
        """
        with run_lock(StackFiles(self._settings.runs, ref).lock, ref):
            for which in ["--all"] if urns is None else urns:
                arguments = ["state", "unprotect", which, "--yes", "--stack", ref.stack]
                self._cli.run(arguments, ref.project.folder, ref)

    def _stack_command(self, ref: StackRef, *arguments: str) -> str:
        return self._cli.run(["stack", *arguments, "--stack", ref.stack], ref.project.folder, ref).stdout

    def _run_unless_stopping(
        self,
        ref: StackRef,
        operation: Operation,
        config: Mapping[str, str] | None,
        on_event: OnEvent | None,
        events: Path | None,
    ) -> StackResult:
        if self._stopping.is_set():
            gatherer = Gatherer(ref, operation, on_event)
            result = gatherer.cancelled()
            gatherer.emit("finished", result=result)
            return result
        return self.run(ref, operation, config=config, on_event=on_event, events=events)


def _known_size(files: StackFiles) -> int | None:
    with suppress(OSError, ValueError):
        return int(files.size.read_text()) or None
    return None


def _one_at_a_time(on_event: OnEvent | None) -> OnEvent | None:
    if on_event is None:
        return None
    guard = threading.Lock()

    def notify(event: StackEvent) -> None:
        with guard:
            on_event(event)

    return notify
