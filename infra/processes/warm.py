"""The owner's side of a warm process: starts it, orders processes from it, and ends it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.processes.channel import Channel
from infra.processes.forking import ORDER

_START = (
    "import importlib, json, sys; module, function, path, arguments = json.loads(sys.argv[1]); sys.path[:] = path; "
    "getattr(importlib.import_module(module), function)(*arguments)"
)


def order(control: socket.socket, *descriptors: int) -> Channel:
    """Order a process of a warm one.

    Args:
        control: The socket that a warm process takes orders from.
        descriptors: What the process gets copies of besides its end of the channel, which is the first that it gets.

    Returns:
        The channel to the process.

    Raises:
        OSError: The warm process is gone.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            socket.send_fds(control, [ORDER], [theirs.fileno(), *descriptors])
        except OSError:
            ours.close()
            raise
    return Channel(ours)


class WarmProcess:
    """A process that imports once and forks what is ordered, started with the first order.

    Args:
        main: What it runs, as ``module:function``; takes the descriptor of its control socket and the preload, and
            calls `infra.processes.forking.serve`; takes the refresh too where there is one.
        environment: Its whole environment.
        preload: Modules that it imports, and functions that it calls, as ``module:function``.
        refresh: Functions that it calls before it forks for its owner, as ``module:function``.
        held: Descriptors that stay open until it and all that it forks are gone.
        log: The file, private to its owner, that what it prints is appended to; None: the caller's standard error.
    """

    def __init__(
        self,
        main: str,
        environment: Mapping[str, str],
        preload: Sequence[str],
        refresh: Sequence[str] = (),
        *,
        held: Sequence[int] = (),
        log: Path | None = None,
    ) -> None:
        self._main = main
        self._environment = dict(environment)
        self._given = [list(preload), *([list(refresh)] if refresh else [])]
        self._held = tuple(held)
        self._log = log
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def warm(self) -> None:
        """Start it, so that it imports while the caller does something else."""
        with self._starting:
            self._running_control()

    def order(self, *descriptors: int) -> Channel:
        """Order a process; a warm process that was killed is replaced first.

        Args:
            descriptors: As of the function `order`.

        Returns:
            The channel to the process.
        """
        with self._starting:
            try:
                return order(self._running_control(), *descriptors)
            except OSError:  # it was killed since: start another
                self._forget()
                return order(self._running_control(), *descriptors)

    def close(self) -> None:
        """End it and what it forked, and wait for that; one that still imports is ended at once."""
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
        with theirs, self._output() as output:
            arguments = [*self._main.split(":"), sys.path, [theirs.fileno(), *self._given]]
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(arguments)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[theirs.fileno(), *self._held],
                start_new_session=True,
            )
        return ours

    @contextmanager
    def _output(self) -> Generator[int]:
        if self._log is None:
            yield sys.stderr.fileno()
            return
        log = os.open(self._log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            yield log
        finally:
            os.close(log)

    def _forget(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None
