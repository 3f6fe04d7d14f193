"""Lets a boto3 client of the server process call the embedded cloud without a connection.

A call over HTTP would need a free thread of the server, and threads may all be waiting for that very call.
The request still passes through every layer in front of moto.
"""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app

from infra.sandbox.enforcement.callers import SERVICE_KEY, ServiceCall

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Loopback:
    """Answers a client's requests by an application of this process.

    Args:
        application: The embedded cloud.
    """

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application

    def attach(self, client: Any, acting: ServiceCall | None = None) -> None:
        """Makes the client use this in place of the network.

        Args:
            client: A boto3 client.
            acting: The service that calls as itself; None for a client whose credentials say who calls.
        """
        client.meta.events.register("before-send", partial(self._send, acting))

    def _send(self, acting: ServiceCall | None, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body: Any = request.body or b""
        address = urlsplit(request.url)
        builder = EnvironBuilder(
            method=request.method,
            base_url=f"{address.scheme}://{address.netloc}/",
            path=address.path or "/",
            query_string=address.query,
            headers=[(name, _text(value)) for name, value in request.headers.items()],
            data=body.encode() if isinstance(body, str) else body,
        )
        environ = builder.get_environ()
        # What was signed is the target as the client wrote it.
        path = address.path or "/"
        environ["REQUEST_URI"] = environ["RAW_URI"] = f"{path}?{address.query}" if address.query else path
        if acting is not None:
            environ[SERVICE_KEY] = acting
        try:
            chunks, status, headers = run_wsgi_app(self._application, environ, buffered=True)
        finally:
            builder.close()
        return AWSResponse(request.url, int(status.split()[0]), cast("Any", dict(headers)), _Raw(b"".join(chunks)))


class _Raw(BytesIO):
    """A response's body as botocore reads it."""

    def stream(self, **_: Any) -> Any:
        while chunk := self.read(65_536):
            yield chunk


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
