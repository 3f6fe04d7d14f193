"""Workers ordered from the process that this one was forked from, which has imported already what programs need.

Such a process offers its socket once, right after it has forked the one that is to use it; several may use one socket,
since an order is one byte with its descriptors.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import replace

from infra.engine.workers.job import Job, encode_job
from infra.processes import Channel, order

_offered: list[socket.socket] = []


def offer(control: socket.socket) -> None:
    """Have the engine of this process order its workers by this socket.

    Args:
        control: Its other end is read by a warm process: see `infra.engine.workers.warm.orders_of_workers`.
    """
    _offered[:] = [control]


def offered() -> socket.socket | None:
    """The socket, if there is one."""
    return _offered[0] if _offered else None


class InheritedPool:
    """Workers by the socket that was offered.

    Args:
        control: The socket.
        environment: The whole environment of programs: the process that forks the workers may have another.
    """

    def __init__(self, control: socket.socket, environment: Mapping[str, str]) -> None:
        self._control = control
        self._environment = dict(environment)

    def warm(self) -> None:
        """Nothing is left to be done."""

    def start(self, job: Job, *, lock: int, output: int) -> Channel:
        """As `infra.engine.workers.pool.WarmPool.start`."""
        channel = order(self._control, lock, output)
        channel.send(encode_job(replace(job, program_environment=self._environment)))
        return channel

    def close(self) -> None:
        """Workers end with the channels to them, and the process that forks them is another's."""
