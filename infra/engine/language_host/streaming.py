"""Runs a subprocess and yields its output by line while it runs, both streams interleaved as they come."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Literal

Stream = Literal["stdout", "stderr"]


def stream(command: Sequence[str], *, cwd: str, environment: Mapping[str, str]) -> Iterator[tuple[Stream, bytes] | int]:
    """Run a command.

    Args:
        command: Executable and arguments.
        cwd: Its working folder.
        environment: Its whole environment.

    Yields:
        Lines as (stream, bytes), then the exit code as the last item.
    """
    process = subprocess.Popen(
        list(command),
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - both were asked for
    try:
        yield from interleaved(process.stdout, process.stderr)
        yield process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def interleaved(stdout: IO[bytes], stderr: IO[bytes]) -> Iterator[tuple[Stream, bytes]]:
    """The lines of two pipes as they come, until both have ended.

    Args:
        stdout: A process's standard output.
        stderr: Its standard error.
    """
    lines: queue.Queue[tuple[Stream, bytes] | None] = queue.Queue()

    def forward(name: Stream, pipe: IO[bytes]) -> None:
        for line in pipe:
            lines.put((name, line))
        lines.put(None)

    readers = [
        threading.Thread(target=forward, args=("stdout", stdout), daemon=True),
        threading.Thread(target=forward, args=("stderr", stderr), daemon=True),
    ]
    for reader in readers:
        reader.start()
    open_streams = len(readers)
    while open_streams:
        item = lines.get()
        if item is None:
            open_streams -= 1
        else:
            yield item
