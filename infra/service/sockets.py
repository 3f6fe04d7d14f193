"""The socket that the service listens on: bound before its processes start, so that a taken port is told at once."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Generator

from infra.errors import UserError

_BACKLOG = 2048


@contextlib.contextmanager
def bound(host: str, port: int) -> Generator[socket.socket]:
    """A listening socket, closed at the end.

    Args:
        host: An address of this machine.
        port: The port; 0 takes any free one.

    Raises:
        UserError: the port is taken or the address is not of this machine.
    """
    try:
        listener = socket.create_server((host, port), family=_family(host), backlog=_BACKLOG)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise UserError(
            f"another program listens on {host}:{port}" if taken else f"cannot listen on {host}: {error.strerror}",
            "give another port with --port, 0 takes any free one" if taken else "give an address of this machine",
            "--port" if taken else "--host",
        ) from None
    with listener:
        yield listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
