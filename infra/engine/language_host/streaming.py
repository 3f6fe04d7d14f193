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
    lines: queue.Queue[tuple[Stream, bytes] | None] = queue.Queue()

    def forward(name: Stream, pipe: IO[bytes]) -> None:
        for line in pipe:
            lines.put((name, line))
        lines.put(None)

    assert process.stdout is not None and process.stderr is not None  # noqa: S101, PT018 - both were asked for
    readers = [
        threading.Thread(target=forward, args=("stdout", process.stdout), daemon=True),
        threading.Thread(target=forward, args=("stderr", process.stderr), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        open_streams = len(readers)
        while open_streams:
            item = lines.get()
            if item is None:
                open_streams -= 1
            else:
                yield item
        yield process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
