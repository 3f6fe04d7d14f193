"""Serves the language host: prints its port, ends quietly on SIGINT or when the engine that started it is gone."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import grpc
from pulumi.runtime.proto import language_pb2_grpc

from infra.engine.language_host.host import LanguageHost
from infra.engine.language_host.servicer import GRPC_OPTIONS


def main() -> None:
    """Serve until told to stop."""
    stop = threading.Event()

    def on_signal(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=GRPC_OPTIONS)  # pyright: ignore[reportUnknownMemberType]
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_end_with_the_engine, daemon=True).start()
    stop.wait()
    server.stop(grace=None)


def _end_with_the_engine() -> None:
    """The engine holds the other end of our standard input; when it is gone, so must we be, with the program."""
    while os.read(0, 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    main()
