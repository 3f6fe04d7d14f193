"""Runs the embedded cloud's server so that a test can make calls of it fail, as calls of AWS fail at times.

Usage: ``python -m tests.faults.faulty_cloud infra.sandbox.server <arguments of the server>``. The layer is in no server
that Bulkhead starts. What it does is told by a POST with the secret that is in the server's folder.
"""

from __future__ import annotations

import argparse
import contextlib
import hmac
import json
import os
import secrets
import socket
import stat
import sys
import threading
import uuid
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from infra.sandbox import error_shapes, server
from infra.sandbox.record import SERVER_MODULE
from tests.own_cloud import start

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SECRET_FILE = "fault-injection"
SECRET_HEADER = "x-test-secret"
PATH = "/_test/faults"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Calls that fail.

    Args:
        operation: The API's name of the operation, for example ``CreateKey``.
        code: AWS's code.
        status: The HTTP status.
        message: What it says.
        times: How many of them fail; those after pass.
        done: Whether the call is done, and its answer lost: the connection ends without one.
    """

    operation: str
    code: str = ""
    status: int = 0
    message: str = "injected"
    times: int = 1_000
    done: bool = False


class Cloud:
    """An embedded cloud whose calls can be made to fail.

    Args:
        home: The folder of the sandbox, which is not there yet; `Sandbox.down` stops it as any other.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self.sandbox = start(home, "tests.faults.faulty_cloud")

    @contextlib.contextmanager
    def failing(self, *faults: Fault) -> Generator[None]:
        """Calls fail as told, until the end of the block."""
        self._tell(faults)
        try:
            yield
        finally:
            self._tell(())

    def failed(self, operation: str | None = None) -> int:
        """How many calls have failed since it was last told which; of one operation, or of all."""
        counts: dict[str, int] = self._ask({})["failed"]
        return sum(counts.values()) if operation is None else counts.get(operation, 0)

    def _tell(self, faults: Sequence[Fault]) -> None:
        self._ask({"faults": [asdict(fault) for fault in faults]})

    def _ask(self, body: dict[str, Any]) -> dict[str, Any]:
        url = f"{self.sandbox.status().endpoint_url}{PATH}"
        headers = {SECRET_HEADER: (self._home / SECRET_FILE).read_text()}
        with urlopen(Request(url, json.dumps(body).encode(), headers)) as answer:  # noqa: S310  a sandbox's own address
            return json.load(answer)


class _Layer:
    """Decides which calls fail."""

    def __init__(self, application: WSGIApplication, secret: str) -> None:
        self._application = application
        self._secret = secret
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._seen: dict[Fault, int] = {}
        self._failed: dict[str, int] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH:
            return self._told(environ, start_response)
        if not self._faults:
            return self._application(environ, start_response)
        from infra.sandbox.enforcement.requests import read_operation  # noqa: PLC0415  it imports moto

        body: bytes = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        operation = read_operation(environ, body)
        fault = None if operation is None else self._fault(operation.name)
        if operation is None or fault is None:
            return self._application(environ, start_response)
        if fault.done:
            from werkzeug.test import run_wsgi_app  # noqa: PLC0415  as the above

            run_wsgi_app(self._application, environ)
            _hang_up(environ)
            start_response("500 Nobody reads this", [("Content-Length", "0")])
            return []
        error = error_shapes.AwsError(code=fault.code, message=fault.message, status=fault.status)
        protocol = error_shapes.protocol_of(environ, operation.service)
        answer = error_shapes.write(environ, error, str(uuid.uuid4()), protocol=protocol, service=operation.service)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _fault(self, operation: str) -> Fault | None:
        with self._lock:
            for fault in self._faults:
                if fault.operation == operation:
                    seen = self._seen[fault] = self._seen.get(fault, 0) + 1
                    if seen <= fault.times:
                        self._failed[operation] = self._failed.get(operation, 0) + 1
                        return fault
        return None

    def _told(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not hmac.compare_digest(environ.get("HTTP_X_TEST_SECRET", ""), self._secret):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        told = json.loads(environ["wsgi.input"].read())
        with self._lock:
            if "faults" in told:
                self._faults = [Fault(**each) for each in told["faults"]]
                self._seen = {}
                self._failed = {} if self._faults else self._failed
            body = json.dumps({"failed": self._failed}).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


def _hang_up(environ: WSGIEnvironment) -> None:
    """End the connection of a request, which only the server has, as if the network had lost it."""
    caller = (environ["REMOTE_ADDR"], int(environ["REMOTE_PORT"]))
    for name in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(name.stat().st_mode):
                with socket.socket(fileno=os.dup(int(name.name))) as connection:
                    if connection.family is socket.AF_INET and connection.getpeername() == caller:
                        connection.shutdown(socket.SHUT_RDWR)


def main() -> None:
    """Run the server."""
    if sys.argv[1:2] != [SERVER_MODULE]:
        sys.exit(f"usage: faulty_cloud {SERVER_MODULE} ...")
    sys.argv = sys.argv[1:]
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--home", type=Path, required=True)
    known, _ = parser.parse_known_args()
    secret = secrets.token_urlsafe(30)
    with os.fdopen(os.open(known.home / SECRET_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret)
    _install(secret)
    server.main()


def _install(secret: str) -> None:
    """Put the layer in front of the cloud, which the server imports when it is on its own."""
    from infra.sandbox import cloud  # noqa: PLC0415  it imports moto, which reads its settings then

    original: Callable[..., Any] = cloud.embedded_cloud

    @contextlib.contextmanager
    def faulty(**arguments: Any) -> Generator[WSGIApplication]:
        with original(**arguments) as application:
            yield _Layer(application, secret)

    cloud.embedded_cloud = faulty


if __name__ == "__main__":
    main()
