"""Starts the engine from a process that was forked while the worker had only one thread.

The engine must die with its worker, which on Linux is asked of the kernel between fork and exec; doing that in a
process that runs gRPC's threads is not safe, so the fork comes first and the command follows through a pipe.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from infra.processes.parent import die_with

_CANNOT_EXECUTE = 126


class EngineLauncher:
    """A child process that becomes the engine once it is told what to run.

    The constructor forks: call it before the first thread is started.
    """

    def __init__(self) -> None:
        command_read, self._command = os.pipe()
        stdout_read, stdout_write = os.pipe()
        stderr_read, stderr_write = os.pipe()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _become_engine(parent, command_read, self._command, stdout_write, stderr_write)
        for descriptor in (command_read, stdout_write, stderr_write):
            os.close(descriptor)
        self.stdout: BinaryIO = os.fdopen(stdout_read, "rb")
        self.stderr: BinaryIO = os.fdopen(stderr_read, "rb")

    def start(self, command: Sequence[str], folder: str, environment: Mapping[str, str]) -> None:
        """Tell the child what to become.

        Args:
            command: Executable and arguments.
            folder: Its working folder.
            environment: Its whole environment.
        """
        with os.fdopen(self._command, "wb") as pipe:
            pipe.write(json.dumps([list(command), folder, dict(environment)]).encode())

    def wait(self) -> int:
        """Wait for the end.

        Returns:
            The exit code; negative: the number of the signal that ended it.
        """
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def _become_engine(parent: int, command_read: int, command_write: int, stdout: int, stderr: int) -> None:
    try:
        die_with(parent)
        os.close(command_write)
        with os.fdopen(command_read, "rb") as pipe:
            data = pipe.read()
        if not data:
            os._exit(0)
        command, folder, environment = json.loads(data)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (stdout, 1), (stderr, 2)):
            os.dup2(source, target)
        os.chdir(folder)
        os.execve(command[0], command, environment)  # noqa: S606 - an argument list, no shell
    except BaseException as error:  # noqa: BLE001 - whatever it was, this process must not go on as a second worker
        os.write(2, f"cannot start the engine: {error}\n".encode())
        os._exit(_CANNOT_EXECUTE)
