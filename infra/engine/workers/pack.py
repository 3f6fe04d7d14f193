"""The process that a policy pack runs in: forked, with all that the warm process has imported, before it is needed.

Only packs that this interpreter can run are run so. Source: the policy SDK's own entry, ``python -m pulumi.policy``.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO, NoReturn

from infra.processes.parent import die_with

_FAILED = 1


class PackProcess:
    """A child process that becomes a policy pack once it is told which.

    The constructor forks: call it before the first thread is started.

    Args:
        close: Descriptors that the child must not keep open.
    """

    def __init__(self, close: Sequence[int] = ()) -> None:
        command_read, self._command = os.pipe()
        stdout_read, stdout_write = os.pipe()
        stderr_read, stderr_write = os.pipe()
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            for descriptor in (self._command, stdout_read, stderr_read, *close):
                os.close(descriptor)
            _become_pack(parent, command_read, stdout_write, stderr_write)
        for descriptor in (command_read, stdout_write, stderr_write):
            os.close(descriptor)
        self.stdout: BinaryIO = os.fdopen(stdout_read, "rb")
        self.stderr: BinaryIO = os.fdopen(stderr_read, "rb")

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The ends of its pipes that this process holds; a child that is forked later must not."""
        return self._command, self.stdout.fileno(), self.stderr.fileno()

    def start(self, arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> None:
        """Tell the child what to become.

        Args:
            arguments: Of ``python -m pulumi.policy``: the engine's address and the pack.
            folder: Its working folder.
            environment: Its whole environment.
        """
        with os.fdopen(self._command, "wb") as pipe:
            pipe.write(json.dumps([list(arguments), folder, dict(environment)]).encode())

    def end(self) -> None:
        """Kill it, if it is still there."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for the end.

        Returns:
            The exit code; negative: the number of the signal that ended it.
        """
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


def _become_pack(parent: int, command: int, stdout: int, stderr: int) -> NoReturn:
    code = _FAILED
    try:
        die_with(parent)
        with os.fdopen(command, "rb") as pipe:
            data = pipe.read()
        if data:
            arguments, folder, environment = json.loads(data)
            for source, target in ((stdout, 1), (stderr, 2)):
                os.dup2(source, target)
            sys.stdout, sys.stderr = _unbuffered(1), _unbuffered(2)
            os.chdir(folder)
            # This process is the plugin from here on, and its environment the one that the engine gives to plugins.
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = ["pulumi.policy", *arguments]
            runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0
    except BaseException as error:  # noqa: BLE001 - this process must not go on as a second worker
        os.write(2, f"cannot start the policy pack: {error}\n".encode())
    finally:
        os._exit(code)


def _unbuffered(descriptor: int) -> io.TextIOWrapper:
    """As ``python -u`` has it: the SDK relies on that."""
    return io.TextIOWrapper(os.fdopen(descriptor, "wb", buffering=0), write_through=True)
