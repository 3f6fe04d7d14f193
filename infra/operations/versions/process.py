"""The asking side of a version's process: starts it, passes requests on, and ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from infra.engine import Operation, StackResult
from infra.engine.errors import WorkerDied
from infra.engine.private_files import open_private, private_folder
from infra.engine.settings import inherited_environment
from infra.errors import UserError
from infra.operations.cloud import caller_credentials
from infra.operations.projects import tenant_stack
from infra.operations.run import OnEvent
from infra.operations.versions.messages import Answer, Request, as_error, as_event, as_result
from infra.settings import Settings

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from infra.operations.versions.serving import main; main(sys.argv[2])"
)
#: Where engines and plugins are looked for.
_PLACES = ("XDG_CACHE_HOME", "PULUMI_HOME")


class VersionProcess:
    """A process that runs tenants' stacks by the code in a folder.

    Args:
        settings: Which home, backend, cloud and specs.
        command: The pulumi executable.
        folder: The code.
    """

    def __init__(self, settings: Settings, command: Path, folder: Path) -> None:
        self._folder = folder
        self._log = settings.home / "versions" / f"{folder.name}.log"
        private_folder(self._log.parent)
        with os.fdopen(open_private(self._log, os.O_WRONLY | os.O_APPEND), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, str(folder), str(command)],
                cwd=folder,
                env=_environment(settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def run(
        self,
        operation: Operation,
        tenants: Sequence[str],
        *,
        models: bool = True,
        events: Mapping[str, Path] | None = None,
        on_event: OnEvent | None = None,
    ) -> list[StackResult]:
        """Run stacks, side by side, as `infra.operations.run.apply` does.

        Args:
            operation: ``PREVIEW`` or ``UP``.
            tenants: The tenants.
            models: Whether their models are served.
            events: By tenant, the file that gets the engine's events.
            on_event: Is told of progress.

        Raises:
            UserError: Nothing was run; says what to mend.
            WorkerDied: The process ended on the way.
        """
        named = {tenant: str(path) for tenant, path in (events or {}).items()}
        asked = "up" if operation is Operation.UP else "preview"
        request = Request(operation=asked, tenants=tuple(tenants), models=models, events=named)
        self._send(msgspec.json.encode(request) + b"\n")
        interrupted = False
        while True:
            try:
                answer = self._receive()
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True  # the terminal interrupts that process as well: it cancels, and answers
                continue
            if answer.kind == "error" and answer.error is not None:
                error = as_error(answer.error)
                raise UserError(error.message, error.remedy, error.where)
            if answer.kind == "results":
                return [as_result(each, tenant_stack(each.stack)) for each in answer.results]
            if answer.event is not None and on_event is not None:
                on_event(as_event(answer.event, tenant_stack(answer.event.stack)))

    def close(self) -> None:
        """End it, and wait for that."""
        self._process.communicate()

    def _send(self, line: bytes) -> None:
        pipe = self._process.stdin
        try:
            if pipe is not None:
                pipe.write(line)
                pipe.flush()
        except BrokenPipeError:
            raise self._died() from None

    def _receive(self) -> Answer:
        pipe = self._process.stdout
        line = pipe.readline() if pipe is not None else b""
        if not line.endswith(b"\n"):
            raise self._died()
        return msgspec.json.decode(line, type=Answer)

    def _died(self) -> WorkerDied:
        return WorkerDied(
            f"the process that runs the code of {self._folder.name[:12]} ended unexpectedly",
            remedy=f"see {self._log}; the next run recovers what it left",
            where=str(self._folder),
        )


def _environment(settings: Settings) -> dict[str, str]:
    """All settings by variables: the version's folder has no settings file of its own."""
    places = {name: os.environ[name] for name in _PLACES if name in os.environ}
    mine = {
        f"BULKHEAD_{name.upper()}": _text(value)
        for name, value in settings.model_dump(mode="python").items()
        if isinstance(value, (str, int, Path))
    }
    return {**inherited_environment(), **places, **caller_credentials(settings), **mine}


def _text(value: str | int | Path) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
