"""Requests as boto3 signs and sends them, as WSGI environments: nothing is sent."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def environ_of(method: str, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """What a WSGI server makes of a request: a decoded path, the raw one beside it, and header names in capitals."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": parts.path + (f"?{parts.query}" if parts.query else ""),
        "PATH_INFO": unquote(parts.path, encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "HTTP_HOST": parts.netloc,
        "REMOTE_ADDR": "127.0.0.1",
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ


def sent_by_boto3(
    service: str,
    operation: str,
    *,
    token: str | None = None,
    at: datetime = NOW,
    config: Config | None = None,
    endpoint: str = "http://127.0.0.1:4566",
    key: tuple[str, str] = (KEY_ID, SECRET),
    **parameters: Any,
) -> tuple[dict[str, Any], bytes]:
    """The environment and body of the request that boto3 would send for a call, signed at a given time."""
    client = cast("Any", boto3).client(
        service,
        region_name="eu-central-1",
        endpoint_url=endpoint,
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        aws_session_token=token,
        config=(config or Config()).merge(Config(retries={"total_max_attempts": 1})),
    )
    captured: list[AWSPreparedRequest] = []

    def keep(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        captured.append(request)
        raise _Sent

    client.meta.events.register("before-send", keep)
    frozen = patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None))
    with frozen, contextlib.suppress(_Sent):
        getattr(client, operation)(**parameters)
    return captured_environ(captured[0])


def captured_environ(request: AWSPreparedRequest) -> tuple[dict[str, Any], bytes]:
    headers = {name: _text(value) for name, value in request.headers.items()}
    body: Any = request.body or b""
    if hasattr(body, "read"):
        body = body.read()
    content = body.encode() if isinstance(body, str) else bytes(body)
    return environ_of(str(request.method), str(request.url), headers), content


def presigned_url(service: str, operation: str, *, expires: int, at: datetime = NOW, **parameters: Any) -> str:
    client = cast("Any", boto3).client(
        service,
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:4566",
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(signature_version="s3v4" if service == "s3" else None),
    )
    with patch("botocore.auth.get_current_datetime", return_value=at.replace(tzinfo=None)):
        return client.generate_presigned_url(operation, Params=parameters, ExpiresIn=expires)


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


class _Sent(Exception):
    pass


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
