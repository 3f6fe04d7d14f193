"""The caller's side of the warm process: starts it, orders workers from it, and ends it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.engine.private_files import open_private, private_folder
from infra.engine.workers.job import FORK, Channel, Job, encode_job

_START = (
    "import json, sys; control, path, preload = json.loads(sys.argv[1]); sys.path[:] = path; "
    "from infra.engine.workers.warm import main; main(control, preload)"
)


class WarmPool:
    """Workers forked from one warm process, which is started when the first of them is ordered.

    Args:
        environment: The whole environment of the warm process and so of programs.
        preload: Modules that it imports.
        log: Gets what the warm process prints.
    """

    def __init__(self, environment: Mapping[str, str], preload: Sequence[str], log: Path) -> None:
        self._environment = dict(environment)
        self._preload = list(preload)
        self._log = log
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def warm(self) -> None:
        """Start the warm process, so that it imports while the caller does something else."""
        with self._starting:
            self._running_control()

    def start(self, job: Job, *, lock: int, output: int) -> Channel:
        """Order a worker and give it a job.

        Args:
            job: What it does.
            lock: Descriptor of the stack's run lock; the worker gets a copy.
            output: Descriptor of a file for stray output; the worker gets a copy.

        Returns:
            The channel to the worker.
        """
        ours, theirs = socket.socketpair()
        with theirs, self._starting:
            descriptors = [theirs.fileno(), lock, output]
            try:
                socket.send_fds(self._running_control(), [FORK], descriptors)
            except OSError:  # it was killed since: start another
                self._forget()
                socket.send_fds(self._running_control(), [FORK], descriptors)
        channel = Channel(ours)
        channel.send(encode_job(job))
        return channel

    def close(self) -> None:
        """End the warm process and wait for it."""
        with self._starting:
            self._forget()

    def _running_control(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._forget()
        if self._control is None:
            self._control = self._spawn()
        return self._control

    def _spawn(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        private_folder(self._log.parent)
        with theirs, os.fdopen(open_private(self._log, os.O_WRONLY | os.O_APPEND), "ab") as log:
            arguments = json.dumps([theirs.fileno(), sys.path, self._preload])
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        return ours

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.wait()
            self._process = None
