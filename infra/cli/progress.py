"""Live progress of runs: on a terminal a line a stack that moves, elsewhere a line for each thing that happened."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from infra.cli.output import err
from infra.engine import StackEvent, StackRef

_MARKS = {"succeeded": "[green]done[/]", "failed": "[red]failed[/]", "cancelled": "[yellow]cancelled[/]"}


class LiveProgress:
    """Shows the events of several runs at once; give `on_event` to the run.

    Args:
        quiet: Show nothing, for ``--json`` where standard error is no terminal.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._lines: dict[StackRef, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text=" "),
            TextColumn("[bold]{task.fields[stack]:<20}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=err,
            disable=quiet or not err.is_terminal,
        )

    def on_event(self, event: StackEvent) -> None:
        """Show one event."""
        if self._quiet:
            return
        if err.is_terminal:
            self._move(event)
        else:
            self._log(event)

    def _move(self, event: StackEvent) -> None:
        if event.ref not in self._lines:
            self._lines[event.ref] = self._progress.add_task("", stack=event.ref.stack, total=event.total)
        line = self._lines[event.ref]
        match event.kind:
            case "started":
                self._progress.update(line, description=event.operation.value)
            case "resource" if event.change is not None:
                text = f"{event.change.op} {_short(event.change.type)} {event.change.name}"
                self._progress.update(line, completed=event.done, total=event.total, description=text)
            case "note":
                self._progress.update(line, description=event.message)
            case "finished" if event.result is not None:
                mark = _MARKS[event.result.outcome]
                self._progress.update(line, completed=event.done, total=max(event.done, 1), description=mark)
            case _:
                pass

    def _log(self, event: StackEvent) -> None:
        match event.kind:
            case "started":
                err.print(f"{event.ref.stack}: {event.operation.value}")
            case "note":
                err.print(f"{event.ref.stack}: {event.message}", markup=False)
            case "finished" if event.result is not None:
                err.print(f"{event.ref.stack}: {event.result.outcome} in {event.result.seconds:.1f} s")
            case _:
                pass

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


def _short(type_token: str) -> str:
    """``aws:s3/bucket:Bucket`` as ``s3 Bucket``."""
    package, _, name = type_token.rpartition(":")
    module = package.partition(":")[2].split("/")[0]
    return f"{module} {name}"
