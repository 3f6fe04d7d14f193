"""How AWS writes an error into an answer, for each of its protocols.

Sources: AWS's Smithy documentation, "AWS protocols" (query, ec2, json, rest-json, rest-xml: operation error
serialization); Amazon S3 API Reference, "Error responses"; the service models of botocore.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypeAlias, cast
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from botocore.model import ServiceModel

Protocol: TypeAlias = Literal["s3", "rest-xml", "query", "ec2", "json", "rest-json"]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


@dataclass(frozen=True, kw_only=True)
class AwsError:
    """An error as AWS means it, whatever it is written in.

    Args:
        code: The error's code, for example ``AccessDenied``.
        message: The sentence for people.
        status: The HTTP status.
    """

    code: str
    message: str
    status: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer ready for WSGI.

    Args:
        status: Status line, for example ``403 Forbidden``.
        headers: Names and values.
        body: Its bytes; empty for HEAD.
    """

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def service_of(environ: WSGIEnvironment) -> str | None:
    """The service that a request is signed for, or None if it is not signed in its header."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found[1] if found else None


@lru_cache(maxsize=512)
def service_model(service: str) -> ServiceModel | None:
    """Botocore's model of a service by botocore's name; None for a name that it does not have."""
    import botocore.session  # noqa: PLC0415 - the command line reads this file, and has no use for botocore

    session = botocore.session.Session()
    if service not in session.get_available_services():
        return None
    return session.get_service_model(service)


def protocol_of(environ: WSGIEnvironment, service: str | None = None) -> Protocol:
    """The protocol in which a caller reads the answer to its request.

    Args:
        environ: The request.
        service: Botocore's name of its service, where that is known.
    """
    signed_for = service or service_of(environ)
    content_type = environ.get("CONTENT_TYPE", "")
    if signed_for in ("s3", "ec2"):
        return signed_for
    if environ.get("HTTP_X_AMZ_TARGET") or "x-amz-json" in content_type:
        return "json"
    if "x-www-form-urlencoded" in content_type or "Action=" in environ.get("QUERY_STRING", ""):
        return "query"
    model = service_model(signed_for) if signed_for else None
    if model is not None and model.resolved_protocol in ("rest-xml", "rest-json"):
        return cast("Protocol", model.resolved_protocol)
    # What is signed in its query or not at all, and has no other mark, is addressed to S3.
    return "rest-json" if signed_for or "json" in content_type else "s3"


def write(
    environ: WSGIEnvironment, error: AwsError, request_id: str, *, protocol: Protocol, service: str | None = None
) -> Answer:
    """Write an error into an answer.

    Args:
        environ: The request.
        error: What to say.
        request_id: The request's id.
        protocol: In what to say it.
        service: Botocore's name of the service, for the XML namespace and what is particular to it.
    """
    headers = [("x-amz-request-id" if protocol == "s3" else "x-amzn-RequestId", request_id)]
    model = service_model(service) if service else None
    if protocol in ("json", "rest-json"):
        content_type, body = _json(environ, error, protocol, headers, model)
    else:
        content_type = "application/xml" if protocol in ("s3", "rest-xml") else "text/xml"
        body = _xml(error, request_id, protocol, model)
        if protocol == "s3":
            headers.append(("x-amz-id-2", _host_id(request_id)))
    if environ["REQUEST_METHOD"] == "HEAD":
        body = b""
    headers += [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    return Answer(status=f"{error.status} {HTTPStatus(error.status).phrase}", headers=headers, body=body)


def _json(
    environ: WSGIEnvironment,
    error: AwsError,
    protocol: Protocol,
    headers: list[tuple[str, str]],
    model: ServiceModel | None,
) -> tuple[str, bytes]:
    content_type = environ.get("CONTENT_TYPE") or "application/json"
    if protocol == "rest-json":
        headers.append(("x-amzn-ErrorType", error.code))
        return "application/json", json.dumps({"Message": error.message, "message": error.message}).encode()
    if model is not None and model.is_query_compatible:
        headers.append(("x-amzn-query-error", f"{error.code};Sender"))
    # Services spell the message's name both ways, and AWS's SDKs read both.
    named = {"__type": error.code, "Message": error.message, "message": error.message}
    return content_type, json.dumps(named).encode()


def _xml(error: AwsError, request_id: str, protocol: Protocol, model: ServiceModel | None) -> bytes:
    said = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    identified = f"<RequestId>{request_id}</RequestId>"
    if protocol == "s3":
        return _document(f"<Error>{said}{identified}<HostId>{_host_id(request_id)}</HostId></Error>")
    if protocol == "ec2":
        return _document(
            f"<Response><Errors><Error>{said}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    namespace = model.metadata.get("xmlNamespace") if model is not None else None
    attribute = f' xmlns="{namespace}"' if isinstance(namespace, str) else ""
    sender = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    return _document(
        f"<ErrorResponse{attribute}><Error><Type>{sender}</Type>{said}</Error>{identified}</ErrorResponse>"
    )


def _document(element: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element}'.encode()


def _host_id(request_id: str) -> str:
    """What S3's support asks for besides the request's id; it says nothing to anybody else."""
    return base64.b64encode(hashlib.sha256(request_id.encode()).digest()).decode()
