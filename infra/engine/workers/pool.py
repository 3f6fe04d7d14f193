"""Orders workers from a warm process of the engine's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.engine.private_files import private_folder
from infra.engine.workers.job import Job, encode_job
from infra.processes import Channel, WarmProcess

_MAIN = "infra.engine.workers.warm:main"


class WarmPool:
    """Workers forked from one warm process, which is started when the first of them is ordered.

    Args:
        environment: The whole environment of the warm process and so of programs.
        preload: Modules that it imports.
        log: Gets what the warm process prints.
    """

    def __init__(self, environment: Mapping[str, str], preload: Sequence[str], log: Path) -> None:
        private_folder(log.parent)
        self._process = WarmProcess(_MAIN, environment, preload, log=log)

    def warm(self) -> None:
        """Start the warm process, so that it imports while the caller does something else."""
        self._process.warm()

    def start(self, job: Job, *, lock: int, output: int) -> Channel:
        """Order a worker and give it a job.

        Args:
            job: What it does.
            lock: Descriptor of the stack's run lock; the worker gets a copy.
            output: Descriptor of a file for stray output; the worker gets a copy.

        Returns:
            The channel to the worker.
        """
        channel = self._process.order(lock, output)
        channel.send(encode_job(job))
        return channel

    def close(self) -> None:
        """End the warm process and wait for it."""
        self._process.close()
