"""The warm process of the engine: imports what programs need once, then forks one worker a run.

Another process that is warm already can fork workers in the same way: see `infra.engine.workers.inherited`.
"""

from __future__ import annotations

import importlib
import socket
from collections.abc import Sequence

from infra.engine.workers.job import DESCRIPTORS, ORPHAN_GRACE
from infra.processes import Orders, serve

#: What a worker runs. It imports gRPC and the engine's SDK, which whoever forks no worker need not.
WORKER = "infra.engine.workers.worker"

#: Workers have lost their callers as well when a warm process ends, and wind up within their own grace.
_GRACE_SECONDS = ORPHAN_GRACE + 2.0


def main(control: int, preload: Sequence[str]) -> None:
    """Serve until the control socket is closed.

    Args:
        control: Descriptor of the control socket.
        preload: Modules to import, and functions to call, as ``module:function``.
    """
    serve(orders_of_workers(socket.socket(fileno=control)), preload=[WORKER, *preload])


def orders_of_workers(connection: socket.socket, *, close: Sequence[socket.socket] = ()) -> Orders:
    """Orders of workers, for a warm process.

    Args:
        connection: Where they come from.
        close: Sockets that a worker must not keep, besides those that the warm process takes orders from.
    """

    def work(descriptors: Sequence[int]) -> None:
        for each in close:
            each.close()
        channel, lock, output = descriptors
        importlib.import_module(WORKER).work(socket.socket(fileno=channel), lock, output)

    return Orders(connection, DESCRIPTORS, work, grace=_GRACE_SECONDS)
