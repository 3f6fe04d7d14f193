"""JSON objects through a socket, one a line: how a process talks to whoever ordered it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from typing import Any


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
