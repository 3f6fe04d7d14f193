"""Requests as boto3 writes them, and an estate in a dictionary in place of a deployed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from werkzeug.test import EnvironBuilder

from infra.sandbox.enforcement.lookup import Encryption, NamedKind, Route, Value
from infra.sandbox.enforcement.requests import Needed, Operation, Unmapped, read_operation, required

ACCOUNT = "123456789012"
REGION = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/bulkhead/acme/training"


@dataclass(frozen=True)
class Caller:
    """A principal."""

    arn: str = f"arn:aws:sts::{ACCOUNT}:assumed-role/training/session"
    account: str | None = ACCOUNT


@dataclass
class Estate:
    """A `Lookup` that answers what a test tells it."""

    arns: dict[str, str] = field(default_factory=dict[str, str])
    owners: dict[str, str] = field(default_factory=dict[str, str])
    tagged: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    facts: dict[str, Mapping[str, Value]] = field(default_factory=dict[str, Mapping[str, Value]])
    boundaries: dict[str, str] = field(default_factory=dict[str, str])
    keys: dict[str, str] = field(default_factory=dict[str, str])
    ciphertexts: dict[bytes, str] = field(default_factory=dict[bytes, str])
    grants: dict[str, str] = field(default_factory=dict[str, str])
    buckets: dict[str, Encryption] = field(default_factory=dict[str, Encryption])
    objects: dict[tuple[str, str], Encryption] = field(default_factory=dict[tuple[str, str], Encryption])
    object_tagged: dict[tuple[str, str], Mapping[str, str]] = field(
        default_factory=dict[tuple[str, str], Mapping[str, str]]
    )
    uploads: dict[str, Encryption] = field(default_factory=dict[str, Encryption])
    associations: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    routes: dict[str, Route] = field(default_factory=dict[str, Route])
    models: dict[tuple[str, str], Mapping[str, object]] = field(
        default_factory=dict[tuple[str, str], Mapping[str, object]]
    )

    def arn(self, kind: NamedKind, account: str, region: str, name: str) -> str | None:
        del kind, account, region
        return self.arns.get(name)

    def owner(self, arn: str) -> str | None:
        return self.owners.get(arn.split("/", maxsplit=1)[0])

    def tags(self, arn: str) -> Mapping[str, str] | None:
        return self.tagged.get(arn)

    def properties(self, arn: str) -> Mapping[str, Value]:
        return self.facts.get(arn, {})

    def boundary(self, arn: str) -> str | None:
        return self.boundaries.get(arn)

    def key_of(self, arn: str) -> str | None:
        return self.keys.get(arn)

    def key_of_ciphertext(self, account: str, region: str, ciphertext: bytes) -> str | None:
        del account, region
        return self.ciphertexts.get(ciphertext)

    def grant_key(self, token: str) -> str | None:
        return self.grants.get(token)

    def bucket_encryption(self, bucket: str) -> Encryption | None:
        return self.buckets.get(bucket)

    def object_encryption(self, bucket: str, key: str, version: str | None) -> Encryption | None:
        del version
        return self.objects.get((bucket, key))

    def object_tags(self, bucket: str, key: str, version: str | None) -> Mapping[str, str]:
        del version
        return self.object_tagged.get((bucket, key), {})

    def upload_encryption(self, bucket: str, upload: str) -> Encryption | None:
        del bucket
        return self.uploads.get(upload)

    def associated(self, account: str, region: str, identifier: str) -> Mapping[str, str]:
        del account, region
        return self.associations.get(identifier, {})

    def route(self, subnet: str, service: str) -> Route | None:
        del service
        return self.routes.get(subnet)

    def sagemaker(self, kind: str, account: str, region: str, name: str) -> Mapping[str, object] | None:
        del account, region
        return self.models.get((kind, name))


class _Sent(Exception):
    """The request was made; it goes nowhere."""

    def __init__(self, request: AWSPreparedRequest) -> None:
        super().__init__()
        self.request = request


def _stop(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    raise _Sent(request)


@cache
def _client(service: str, *, signed: bool) -> Any:
    unsigned: Any = {} if signed else {"signature_version": UNSIGNED}
    client = cast("Any", boto3).client(
        service,
        region_name=REGION,
        endpoint_url="http://127.0.0.1:5000",
        config=Config(parameter_validation=False, **unsigned),
        aws_access_key_id="ASIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI",
        aws_session_token="token",
    )
    client.meta.events.register("before-send", _stop)
    return client


def sent(service: str, operation: str, *, signed: bool = True, **parameters: Any) -> tuple[dict[str, Any], bytes]:
    """The request that boto3 would send: its WSGI environment, and its body."""
    try:
        _client(service, signed=signed)._make_api_call(operation, parameters)
    except _Sent as made:
        return environ_of(made.request)
    raise AssertionError("botocore sent nothing")


def environ_of(request: AWSPreparedRequest) -> tuple[dict[str, Any], bytes]:
    """A request of botocore as a WSGI server passes it on."""
    body: Any = request.body or b""
    content: bytes = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else bytes(body)
    headers = {name: v.decode() if isinstance(v, bytes) else str(v) for name, v in request.headers.items()}
    return environ(request.method, request.url, headers, content)


def environ(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[dict[str, Any], bytes]:
    """A request by hand, as a WSGI server passes it on."""
    address = urlsplit(url)
    builder = EnvironBuilder(
        method=method,
        base_url=f"{address.scheme}://{address.netloc}/",
        path=address.path or "/",
        query_string=address.query,
        headers=list(headers.items()),
        input_stream=BytesIO(body),
        content_length=len(body),
    )
    made = builder.get_environ()
    builder.close()
    # A server passes on the decoded path alone.
    made.pop("RAW_URI", None)
    made.pop("REQUEST_URI", None)
    return made, body


def read(service: str, operation: str, **parameters: Any) -> Operation:
    """What is read from the request that boto3 sends."""
    found = read_operation(*sent(service, operation, **parameters))
    assert found is not None, f"{service}:{operation} cannot be read"
    return found


def checks(
    service: str, operation: str, estate: Estate | None = None, caller: Caller | None = None, **parameters: Any
) -> tuple[Needed, ...]:
    """What a call of boto3 needs."""
    found = required(read(service, operation, **parameters), estate or Estate(), caller or Caller())
    assert not isinstance(found, Unmapped), found.why
    return found


def pairs(needed: tuple[Needed, ...]) -> list[tuple[str, str]]:
    """Actions with their resources."""
    return [(one.action, one.resource) for one in needed]
