"""Serves the embedded cloud's WSGI application over HTTP, by waitress.

Waitress keeps connections alive and reads a request whole before a thread sees it: a request costs half of what it
costs in werkzeug's server, which moto uses, and a client that stalls in an upload holds up nobody.
"""

from __future__ import annotations

import re
import socket
from typing import TYPE_CHECKING, cast

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, create_server
from waitress.task import WSGITask

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication, WSGIEnvironment

# An invocation may occupy its thread for a minute.
THREADS = 64
# SDKs keep connections open that they do not use.
CONNECTIONS = 2000
# One PutObject may be as large as this; S3 itself takes 5 GB.
MAX_BODY_BYTES = 2 * 1024**3

_METADATA = re.compile(rb"^X-Amz-Meta-[^:\r\n]+", re.MULTILINE)


class _Parser(HTTPRequestParser):
    """Keeps S3 metadata headers with an underscore in their name, which waitress drops."""

    underscored: dict[str, str]
    """Name in the WSGI environment -> name as sent."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.underscored = {}
        headers = cast("dict[str, str]", self.headers)
        for line in header_plus.split(b"\r\n")[1:]:
            name, _, value = line.decode("latin-1").partition(":")
            if should_preserve_original_header_name(name):
                key = environ_key_for_header(name)
                headers[key.removeprefix("HTTP_")] = value.strip(" \t")
                self.underscored[key] = name


class _Task(WSGITask):
    """Tells moto how such headers and the path were spelt, and callers how S3 spells metadata.

    Without the path as it was sent, moto decodes an object's key twice, and cuts it at a question mark in it.
    """

    def get_environment(self) -> WSGIEnvironment:
        environ = super().get_environment()
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = cast("_Parser", self.request).underscored
        environ["RAW_URI"] = environ["REQUEST_URI"]
        return environ

    def build_response_header(self) -> bytes:
        """The head of the response, with S3's metadata in lower case, as S3 sends it and waitress does not."""
        return _METADATA.sub(lambda found: found[0].lower(), super().build_response_header())


class _Channel(HTTPChannel):
    parser_class = _Parser
    task_class = _Task


def make_server(application: WSGIApplication, listener: socket.socket) -> TcpWSGIServer:
    """A server on a socket that is bound already.

    Args:
        application: The WSGI application.
        listener: A bound TCP socket of 127.0.0.1.
    """
    server = cast(
        "TcpWSGIServer",
        create_server(
            application,
            sockets=[listener],
            threads=THREADS,
            connection_limit=CONNECTIONS,
            max_request_body_size=MAX_BODY_BYTES,
            ident=None,
            channel_timeout=300,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=True,
        ),
    )
    server.channel_class = _Channel
    return server
