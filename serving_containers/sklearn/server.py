"""The container's main program: `python -m serving_containers.sklearn.server serve`.

SIGTERM drains: /ping says no first, requests are answered for the drain time, those under way are finished, and the
process ends with 0. A wrong setting ends it with 2 and says which.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Generator

import uvicorn
import uvloop

from serving_containers.sklearn import logs
from serving_containers.sklearn.app import InferenceServer
from serving_containers.sklearn.settings import BadSetting, Settings, from_environment

# A request that is under way may take as long as SageMaker waits for it.
_FINISH_SECONDS = 60
_KEEP_ALIVE_SECONDS = 600


class _Uvicorn(uvicorn.Server):
    """Uvicorn without its own signal handling, which ends the process by the signal instead of by an exit code."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def serve(settings: Settings, listener: socket.socket | None = None) -> None:
    """Serves until SIGTERM or SIGINT.

    Args:
        settings: The server's settings.
        listener: A bound socket to serve on, in place of the settings' host and port.
    """
    with (
        listener or socket.create_server((settings.host, settings.port), backlog=2048) as bound,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(settings, bound))


async def _run(settings: Settings, listener: socket.socket) -> None:
    inference = InferenceServer(settings)
    server = _Uvicorn(
        uvicorn.Config(
            inference.application,
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_FINISH_SECONDS,
        )
    )
    draining: set[asyncio.Task[None]] = set()

    def drain() -> None:
        if not draining:
            logs.event("draining", seconds=settings.drain_seconds)
            inference.drain()
            draining.add(asyncio.create_task(_stop_after(server, settings.drain_seconds)))

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, drain)
    host, port = listener.getsockname()[:2]
    logs.event("listening", host=host, port=port)
    await server.serve(sockets=[listener])
    logs.event("stopped")


async def _stop_after(server: uvicorn.Server, seconds: float) -> None:
    await asyncio.sleep(seconds)
    server.should_exit = True


def main(listener: socket.socket | None = None) -> None:
    """Reads the settings from the environment and serves.

    Args:
        listener: A bound socket to serve on.
    """
    logs.configure()
    try:
        settings = from_environment(os.environ)
    except BadSetting as error:
        logs.event("bad setting", reason=str(error))
        sys.exit(2)
    serve(settings, listener)


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["serve"]):
        sys.exit(f"this image serves, it cannot {' '.join(sys.argv[1:])}")
    main()
