"""Reads which operation a request calls and with which parameters, by botocore's service models.

Moto's own router and parsers do the reading, so that what is checked is what will be done. Where moto would read a
request in another way than AWS does (an ``Action`` in an unexpected place goes before the target's header), the
request is not read at all, and so denied: two readings are a hole in a check.

Sources: Smithy specification, "AWS JSON 1.1 protocol", "AWS query protocol", "AWS restXml protocol"; IAM User Guide,
"AWS Signature Version 4 for API requests".
"""

from __future__ import annotations

import re
import zlib
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, quote

from botocore.serialize import create_serializer
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request
from moto.core.routing import ProtocolRouter, get_router_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.operation import Operation
from infra.sandbox.enforcement.requests.services import SIGNED_AS

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_REGION_IN_URL = re.compile(r"\.([^.]+)\.amazonaws\.com")
_REGION_IN_USER_AGENT = re.compile(r"region/([a-z]{2}-[a-z]+-\d)")
#: A parameter ``Action`` in a query or form, in any spelling that decodes to it.
_ACTION = re.compile(
    rb"(?:^|[?&])(?:A|%41)(?:c|%63)(?:t|%74)(?:i|%69)(?:o|%6[fF])(?:n|%6[eE])(?:[=&]|$)",
)
_FORM = "application/x-www-form-urlencoded"
#: Moto answers these itself, for whichever service they are signed.
_NOT_AWS = ("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/")
_MAX_INFLATED = 16 * 1024**2
_UNSIGNED = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
_WITH_PAYLOAD = frozenset({"s3", "sagemaker-runtime"})
"""Services whose bodies are the caller's own content, which may look like anything."""


def read_operation(environ: WSGIEnvironment, body: bytes) -> Operation | None:
    """The operation that a request calls; None where it is none of the services in use, or not one reading only.

    Args:
        environ: The request.
        body: The request's whole body, which is not read from `environ`.
    """
    try:
        return _read(environ, body)
    except (_Unreadable, NotFound, RequestParserError, ValueError, TypeError, AttributeError, KeyError):
        # Moto's parsers raise whatever a malformed body leads them to.
        return None


class _Unreadable(Exception):
    """The request is none of the services in use, or has not one reading only."""


def _read(environ: WSGIEnvironment, body: bytes) -> Operation:
    found = _signed(environ) or _presigned(environ) or _unsigned(environ, body)
    if found is None or environ.get("PATH_INFO", "").startswith(_NOT_AWS):
        raise _Unreadable
    service, region = _one_of_two(*found, environ)
    content = body if service == "s3" else _uncompressed(environ, body)
    if not _one_reading(environ, content, service, region):
        raise _Unreadable
    request = _request(environ, content)
    protocol = _protocol(service, request)
    operation, labels = _router(service, protocol).match(request)
    parameters = _parameters(operation, protocol, request, labels)
    if service == "s3" and not _one_bucket(environ, request, parameters):
        raise _Unreadable
    if protocol in ("query", "ec2") and not _read_whole(operation, protocol, request, parameters):
        raise _Unreadable
    return Operation(
        service=service,
        name=operation.name,
        parameters=parameters,
        region=region,
        signature=_signature(environ, service),
    )


def _signed(environ: WSGIEnvironment) -> tuple[str, str] | None:
    """Service and Region of a signature in the header."""
    written = str(environ.get("HTTP_AUTHORIZATION", "")).split(",")[0].split()
    scope = written[1].split("/") if len(written) == 2 else []
    return _scope(scope) if written[:1] == ["AWS4-HMAC-SHA256"] else None


def _presigned(environ: WSGIEnvironment) -> tuple[str, str] | None:
    """Service and Region of a signature in the query. Moto serves only S3 by those."""
    if environ.get("HTTP_AUTHORIZATION"):
        return None
    credential = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [])
    found = _scope(credential[0].split("/")) if len(credential) == 1 else None
    return found if found is not None and found[0] == "s3" else None


def _scope(scope: list[str]) -> tuple[str, str] | None:
    if len(scope) != 5:
        return None
    service, region = SIGNED_AS.get(scope[3]), scope[2]
    return (service, region) if service is not None and _REGION.fullmatch(region) else None


def _unsigned(environ: WSGIEnvironment, body: bytes) -> tuple[str, str] | None:
    """STS and S3 take calls without a signature: with a provider's token, and from everybody."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if environ.get("HTTP_AUTHORIZATION") or environ.get("HTTP_X_AMZ_TARGET") or "X-Amz-Credential" in query:
        return None
    path = environ.get("PATH_INFO", "")
    if environ.get("CONTENT_TYPE", "").startswith(_FORM):
        actions = parse_qs(body.decode("latin-1")).get("Action", [])
        return ("sts", "us-east-1") if path == "/" and len(actions) == 1 and actions[0] in _UNSIGNED else None
    # Moto takes a first part with an underscore for a service; no bucket has one.
    return None if "_" in path.split("/")[1] or path.rstrip("/").endswith(".json") else ("s3", "us-east-1")


def _one_of_two(service: str, region: str, environ: WSGIEnvironment) -> tuple[str, str]:
    """Services that sign as another does are told apart by path and host, as moto does it."""
    path = environ.get("PATH_INFO", "")
    if service == "s3" and (path.startswith("/v20180820/") or "s3-control" in environ.get("HTTP_HOST", "")):
        return "s3control", region
    if service == "sagemaker" and path != "/":
        return "sagemaker-runtime", region
    return service, region


def _one_reading(environ: WSGIEnvironment, body: bytes, service: str, region: str) -> bool:
    """Whether AWS and moto would take the request for the same operation in the same Region."""
    query = environ.get("QUERY_STRING", "")
    if service not in ("s3", "s3control"):
        told = _REGION_IN_URL.findall(f"{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '')}?{query}")
        told += _REGION_IN_USER_AGENT.findall(environ.get("HTTP_USER_AGENT", ""))
        if any(other != region for other in told):
            return False
    if ".s3-accesspoint." in environ.get("HTTP_HOST", ""):
        return False
    return _one_action(environ, body, service)


def _one_action(environ: WSGIEnvironment, body: bytes, service: str) -> bool:
    """Whether only the place of the service's own protocol says which operation is called."""
    query = environ.get("QUERY_STRING", "")
    target = environ.get("HTTP_X_AMZ_TARGET")
    form = environ.get("CONTENT_TYPE", "").startswith(_FORM)
    protocol = str(_model(service).metadata["protocol"])
    if protocol in ("query", "ec2"):
        return not (query and body) and not target
    if protocol.startswith("rest"):
        if target or _ACTION.search(query.encode("latin-1", "replace")):
            return False
        return service == "s3" or (service in _WITH_PAYLOAD and not form) or not _ACTION.search(body)
    if target:
        return not query and not form and not _ACTION.search(body)
    return form and not query


def _read_whole(operation: OperationModel, protocol: str, request: Request, parameters: dict[str, Any]) -> bool:
    """Whether a form says nothing but what was read: written again, the parameters have all of its names.

    A list with a gap, ``SubnetId.1`` and ``SubnetId.3``, ends at the gap for one reader and not for another.
    """
    values = request.values
    if any(len(values.getlist(name)) > 1 for name in values):
        return False
    written = cast("Any", _serializer(protocol)).serialize_to_request(parameters, operation)
    known = {"Action", "Version", *cast("dict[str, Any]", written["body"])}
    return all(name in known or name.startswith("X-Amz-") for name in values)


@cache
def _serializer(protocol: str) -> object:
    return cast("Any", create_serializer)(protocol, include_validation=False)


def _uncompressed(environ: WSGIEnvironment, body: bytes) -> bytes:
    """The body as moto sees it, which inflates what SDKs compress."""
    if environ.get("HTTP_CONTENT_ENCODING") != "gzip":
        return body
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        content = inflate.decompress(body, _MAX_INFLATED)
    except zlib.error as error:
        raise _Unreadable from error
    if not inflate.eof or inflate.unused_data:
        raise _Unreadable
    return content


def _request(environ: WSGIEnvironment, body: bytes) -> Request:
    own = dict(environ)
    own["wsgi.input"] = BytesIO(body)
    own["CONTENT_LENGTH"] = str(len(body))
    own.pop("wsgi.input_terminated", None)
    own.pop("HTTP_TRANSFER_ENCODING", None)
    own.pop("HTTP_CONTENT_ENCODING", None)
    return Request(own)


@cache
def _model(service: str) -> ServiceModel:
    return get_service_model(service)


@cache
def _router(service: str, protocol: str) -> ProtocolRouter:
    of = get_router_class(service, protocol)
    if of is None:
        raise _Unreadable
    return of(_model(service))


def _protocol(service: str, request: Request) -> str:
    """The protocol of a request; services that moved from the query protocol to JSON take both."""
    metadata = _model(service).metadata
    protocol = str(metadata["protocol"])
    if protocol.startswith("rest") or protocol in ("query", "ec2"):
        return protocol
    return "json" if request.headers.get("X-Amz-Target") else "query"


def _parameters(operation: OperationModel, protocol: str, request: Request, labels: dict[str, Any]) -> dict[str, Any]:
    parser = cast("Any", PROTOCOL_PARSERS[protocol])(operation)
    found: Any = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return {name: value for name, value in cast("dict[str, Any]", found or {}).items() if value is not None}


def _one_bucket(environ: WSGIEnvironment, request: Request, parameters: dict[str, Any]) -> bool:
    """Whether the request has one subresource at most, and a bucket written plainly, so that moto finds the same."""
    subresources = [name for name in request.args if name in _subresources()]
    if len(subresources) > 1:
        return False
    bucket = parameters.get("Bucket")
    if bucket is None:
        return True
    path: str = environ.get("PATH_INFO", "")
    in_path = path.removeprefix("/").split("/")[0] == bucket
    in_host = environ.get("HTTP_HOST", "").startswith(f"{bucket}.")
    return (in_path or in_host) and quote(bucket, safe="") == bucket


@cache
def _subresources() -> frozenset[str]:
    """The names in a query that choose the operation: at most one of them makes sense in a request."""
    model = _model("s3")
    operations = (model.operation_model(name) for name in model.operation_names)
    literal = {name for operation in operations for name in operation.http_trait.query_args}
    return frozenset(literal - {"x-id", "list-type"} | {"uploadId"})


def _signature(environ: WSGIEnvironment, service: str) -> dict[str, Value]:
    """What S3's condition keys say about the signature.

    Source: Amazon S3 API Reference, "Bucket policy examples using signature version 4 related condition keys".
    """
    if service != "s3":
        return {}
    if environ.get("HTTP_AUTHORIZATION"):
        kind, version = "REST-HEADER", "AWS4-HMAC-SHA256"
    elif "X-Amz-Credential=" in environ.get("QUERY_STRING", ""):
        kind, version = "REST-QUERY-STRING", "AWS4-HMAC-SHA256"
    else:
        return {}
    keys: dict[str, Value] = {"s3:authType": kind, "s3:signatureversion": version}
    content = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    return keys | ({"s3:x-amz-content-sha256": content} if content else {})
