"""What a worker is told to do, and the lines that it answers with: JSON, one object a line."""

from __future__ import annotations

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: How long an engine may take to cancel, in seconds, once nobody waits for it any more.
ORPHAN_GRACE = 5.0

#: The byte that asks the warm process for a worker; its descriptors: the channel, the run lock, the output file.
FORK = b"F"
DESCRIPTORS = 3


@dataclass(frozen=True, kw_only=True)
class Job:
    """One call of the engine.

    Args:
        arguments: The arguments of the call; the worker adds the address of its language server.
        executable: The engine.
        folder: The working folder: the project's.
        environment: The engine's whole environment.
        attach: Provider name -> ``module:function`` that serves it in the worker and returns its port.
        event_log: The file that gets the engine's events as they come, one JSON object a line.
        packs: How many policy packs the call starts.
        program_environment: The program's whole environment; None: it is that of the process the worker is forked from.
    """

    arguments: list[str]
    executable: str
    folder: str
    environment: dict[str, str]
    attach: dict[str, str] = field(default_factory=dict[str, str])
    event_log: str
    packs: int = 0
    program_environment: dict[str, str] | None = None


class Channel:
    """A connected socket that carries JSON objects, one a line; writing is safe from any thread.

    Args:
        connection: The socket; owned by the channel from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._writing = threading.Lock()

    def send(self, message: Mapping[str, Any]) -> bool:
        """Send one object.

        Returns:
            False when the other end is gone.
        """
        data = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            with self._writing:
                self._connection.sendall(data)
        except OSError:
            return False
        return True

    def receive(self) -> dict[str, Any] | None:
        """The next object; None when the other end is gone."""
        try:
            line = self._reader.readline()
        except OSError:
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while (message := self.receive()) is not None:
            yield message

    def close(self) -> None:
        """Close the connection."""
        self._reader.close()
        self._connection.close()


def encode_job(job: Job) -> dict[str, Any]:
    """A job as a message."""
    return {"kind": "job", **dataclasses.asdict(job)}


def decode_job(message: Mapping[str, Any]) -> Job:
    """The job that `encode_job` made."""
    return Job(**{key: value for key, value in message.items() if key != "kind"})
