"""Gives each request an id of its own, and each answer that id, in the places where AWS's SDKs look for it.

Moto answers many requests with one and the same example id. Sources: AWS General Reference, "Request IDs"; Amazon S3
User Guide, "Getting Amazon S3 request IDs for AWS Support".
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from infra.sandbox.error_shapes import Protocol, protocol_of

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "bulkhead.request_id"
"""Where a request carries its id for the layers behind this one. No header of HTTP becomes such a key."""

_NAMES = frozenset({"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"})
_IN_BODY = re.compile(rb"<(RequestId|RequestID|requestId)>[^<]*</\1>")


def request_ids(application: WSGIApplication) -> WSGIApplication:
    """The layer."""

    def handle(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        protocol = protocol_of(environ)
        request_id = secrets.token_hex(8).upper() if protocol == "s3" else str(uuid.uuid4())
        environ[REQUEST_ID] = request_id
        if protocol in ("query", "ec2"):
            return _answer_in_body(application, environ, start_response, request_id)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            return start_response(status, _with_id(headers, protocol, request_id), exc_info)

        return application(environ, start)

    return handle


def _answer_in_body(
    application: WSGIApplication, environ: WSGIEnvironment, start_response: StartResponse, request_id: str
) -> Iterable[bytes]:
    """These protocols have the id in the body, which so has to be there as a whole."""
    started: list[Any] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        started[:] = [status, headers, exc_info]
        return _no_write

    body = b"".join(application(environ, start))
    status, headers, exc_info = started
    element = rf"<\1>{request_id}</\1>".encode()
    body = _IN_BODY.sub(element, body, count=1)
    headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    headers.append(("Content-Length", str(len(body))))
    start_response(status, _with_id(headers, "query", request_id), exc_info)
    return [body]


def _no_write(data: bytes) -> None:
    raise NotImplementedError(f"{len(data)} bytes of an answer that is not returned, which no application here writes")


def _with_id(headers: list[tuple[str, str]], protocol: Protocol, request_id: str) -> list[tuple[str, str]]:
    name = "x-amz-request-id" if protocol == "s3" else "x-amzn-RequestId"
    return [*((key, value) for key, value in headers if key.lower() not in _NAMES), (name, request_id)]
