"""One inference server: a process, the connections to it, and its end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

import urllib3

CHILD_MODULE = "infra.sandbox.serving.child"

_END_SECONDS = 5.0
_LAST_LINES = 50
# These would change the process that stands for the container, not what runs in it.
_RESERVED = re.compile(r"PATH$|LD_|DYLD_|PYTHON|AWS_|BULKHEAD_DRAIN_SECONDS$|SM_MODEL_DIR$")

_log = logging.getLogger("sandbox.endpoints")


class ServerFailed(Exception):
    """The process cannot serve; the message is the reason from its log."""


class ServingProcess:
    """A running inference server.

    Args:
        program: The module whose `main(listener)` serves.
        folder: Holds the unpacked model.
        environment: The container's variables.
        name: What the log calls it.
    """

    def __init__(self, *, program: str, folder: Path, environment: Mapping[str, str], name: str) -> None:
        self._name = name
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._users = 0
        self._idle = threading.Condition()
        with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
            listener.set_inheritable(True)
            port = int(listener.getsockname()[1])
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", CHILD_MODULE, program, str(listener.fileno())],
                env=container_environment(folder, environment, name),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
            )
        self._pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=32, retries=False)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def users(self) -> int:
        """How many calls are under way."""
        return self._users

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def ended(self, seconds: float) -> bool:
        """Whether the process ends within a time; a process that was killed takes a moment."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait_until_ready(self, seconds: float) -> None:
        """Waits for /ping to say yes.

        Raises:
            ServerFailed: It ended, said that it failed, or said nothing in time.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib3.exceptions.HTTPError):
                answer = self._pool.request("GET", "/ping", timeout=max(deadline - time.monotonic(), 0.1))
                if answer.status == 200:
                    return
                if answer.status == 500:
                    raise ServerFailed(_reason(answer.data) or self._last_reason())
            if not self.alive():
                self._reader.join(_END_SECONDS)
                raise ServerFailed(self._last_reason())
            time.sleep(0.02)
        raise ServerFailed(f"it was not ready after {seconds:.0f} s")

    def request(self, body: bytes, headers: Mapping[str, str], seconds: float) -> urllib3.BaseHTTPResponse:
        """One call of /invocations.

        Raises:
            urllib3.exceptions.HTTPError: The process did not answer, or not in time.
        """
        timeout = urllib3.Timeout(connect=5, read=seconds)
        return self._pool.request("POST", "/invocations", body=body, headers=dict(headers), timeout=timeout)

    def acquire(self) -> None:
        """Keeps the process from being ended until it is released."""
        with self._idle:
            self._users += 1

    def release(self) -> None:
        """Ends the caller's use of the process."""
        with self._idle:
            self._users -= 1
            self._idle.notify_all()

    def end(self, drain_seconds: float) -> None:
        """Waits for the calls under way, then ends the process as SageMaker does: SIGTERM, later SIGKILL.

        Args:
            drain_seconds: How long to wait for the calls.
        """
        with self._idle:
            self._idle.wait_for(lambda: self._users == 0, timeout=drain_seconds)
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pool.close()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()

    def _read_log(self) -> None:
        for line in cast("IO[bytes]", self._process.stdout):
            text = line.decode("utf-8", "replace").rstrip()
            self._lines.append(text)
            _log.info("%s: %s", self._name, text)

    def _last_reason(self) -> str:
        """The last line of the log that gives a reason, else the last line."""
        for line in reversed(self._lines):
            if reason := _reason(line.encode()):
                return reason
        return self._lines[-1] if self._lines else f"the server ended with exit code {self._process.poll()}"


def _reason(text: bytes) -> str:
    with contextlib.suppress(ValueError, AttributeError):
        return str(json.loads(text).get("reason") or "")
    return ""


def container_environment(folder: Path, given: Mapping[str, str], name: str) -> dict[str, str]:
    """The environment of a server's process: nothing of the sandbox's own, and what the model asks for.

    Args:
        folder: Holds the unpacked model.
        given: The model's variables; those that would change the process itself are left out, with a line in the log.
        name: What the log calls it.
    """
    refused = sorted(variable for variable in given if _RESERVED.match(variable))
    if refused:
        _log.warning("%s: these variables of the model are left out: %s", name, ", ".join(refused))
    return {
        **{variable: value for variable, value in given.items() if variable not in refused},
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "SM_MODEL_DIR": str(folder),
        # Nobody sends to a process that is being ended.
        "BULKHEAD_DRAIN_SECONDS": "0",
    }
