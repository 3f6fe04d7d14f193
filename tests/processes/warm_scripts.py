"""What the warm processes of tests run, and what they import ahead of time."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence

import psutil

from infra.processes import Channel, Orders, serve

MAIN = f"{__name__}:main"
NEVER_READY = f"{__name__}:wait_for_good"


def main(control: int, preload: Sequence[str]) -> None:
    """Fork processes that tell who they are and end when they are told to, or when their owner lets go of them."""

    def work(descriptors: Sequence[int]) -> None:
        channel = Channel(socket.socket(fileno=descriptors[0]))
        channel.send(
            {
                "pid": os.getpid(),
                "session": os.getsid(0),
                "warm": os.getppid(),
                "descriptors": psutil.Process().num_fds(),
                "dies_by_sigterm": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
            }
        )
        if channel.receive() == {"leave a child": True} and os.fork() == 0:
            channel.close()
            signal.pause()

    serve(Orders(socket.socket(fileno=control), 1, work), preload=preload)


def wait_for_good() -> None:
    """Stands for an import that takes too long."""
    signal.pause()
