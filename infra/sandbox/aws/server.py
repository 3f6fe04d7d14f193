"""Serve the provider: as a plugin of its own process, or attached inside the process that asks for it."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import Any, cast

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from infra.sandbox.aws.invokes import INVOKES
from infra.sandbox.aws.resources import TABLE
from infra.sandbox.aws.schema import cache_folder, load
from infra.sandbox.aws.servicer import AwsServicer

_THREADS = 32
_OPTIONS = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]


def start(schemas: Path) -> tuple[grpc.Server, int]:
    """Start a server on a free port of 127.0.0.1 and return it with its port; `schemas` is the folder of the cache."""
    server = cast("Any", grpc).server(ThreadPoolExecutor(_THREADS, thread_name_prefix="aws"), options=_OPTIONS)
    servicer = AwsServicer(TABLE, load(TABLE, INVOKES, schemas))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


_attached: list[grpc.Server] = []


def serve_in_process() -> int:
    """Serve inside this process until it ends, and return the port, for `PULUMI_DEBUG_PROVIDERS=aws:PORT`."""
    server, port = start(cache_folder(os.environ))
    _attached.append(server)  # a server that nobody refers to is stopped
    return port


def _setter(event: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handle(_number: int, _frame: FrameType | None) -> None:
        event.set()

    return handle


def serve_plugin() -> None:
    """Serve as a plugin: print the port for the engine, and go when it interrupts us or is gone itself."""
    server, port = start(cache_folder(os.environ))
    parent, ended = os.getppid(), threading.Event()
    # The engine ends its plugins by an interrupt, and kills them seconds later; a terminal's own does not reach them.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _setter(ended))
    print(port, flush=True)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        ended.set()

    threading.Thread(target=watch, daemon=True).start()
    ended.wait()
    server.stop(grace=None)
