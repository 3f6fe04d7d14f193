"""Serves an application on a socket that was bound before this process began."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp

from infra.service.supervision.child import say_ready

_DRAIN_SECONDS = 5
#: Requests beyond that are answered by 503 at once: bounds the memory, streams of events among them.
_MOST_CONNECTIONS = 2_000


class _Server(uvicorn.Server):
    """Says that it works when it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            say_ready()


def serve(app: ASGIApp, listener: int) -> None:
    """Serve an application until SIGTERM.

    Args:
        app: The application.
        listener: Descriptor of the bound socket.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    _Server(config).run(sockets=[socket.socket(fileno=listener)])
