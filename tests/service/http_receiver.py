"""A receiver of webhooks at 127.0.0.1 that notes what comes and answers as the test says."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class HttpReceiver:
    """What came, and how it is answered: ``answers`` in their order, then 204; held back while ``gate`` is closed."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    received: list[Received] = field(default_factory=list[Received])
    gate: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    port: int = 0

    def ids(self) -> list[str]:
        return [each.id for each in self.received]


@contextlib.contextmanager
def receiving(certificate: ssl.SSLContext | None = None) -> Generator[HttpReceiver]:
    """Listen on a free port; an answer is held back only after the test has cleared the gate."""
    receiver = HttpReceiver()
    receiver.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.received.append(Received(self.path, headers, body))
            receiver.gate.wait()
            status, extra = receiver.answers.pop(0) if receiver.answers else (204, {})
            with contextlib.suppress(OSError):  # who asked may be dead by now
                self.send_response(status)
                for name, value in {"Content-Length": "0", **extra}.items():
                    self.send_header(name, value)
                self.end_headers()

        @override
        def log_message(self, format: str, *args: object) -> None:
            del format, args

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        @override
        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that the other side gave up is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    receiver.url = f"{'http' if certificate is None else 'https'}://127.0.0.1:{receiver.port}/events?of=bulkhead"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()
