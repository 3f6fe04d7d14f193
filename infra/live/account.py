"""Calls that read an account: paginated, tried again when AWS throttles, and by each way in until one is let through.

Some resources let nobody in but a few roles: a tenant's bucket answers the role that provisions tenants, the audit's
bucket everybody but the blueprint's roles. So an account has ways in, and a read that one is denied is put to the next.

Sources: boto3 documentation, "Retries" (adaptive mode), "Paginators"; AWS SDKs Reference Guide, "Retry behavior".
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from infra.errors import UserError

Answer = Mapping[str, Any]

_DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|Forbidden|^403$")
_ABSENT = re.compile(r"NotFound|NoSuch|DoesNotExist|^404$")
#: Codes that say that a request is bad; only their message says that it is for want of the resource.
_VAGUE = re.compile(r"Validation|BadRequest")
_ABSENT_MESSAGE = re.compile(r"could not find|cannot find|does not exist|not owned by the current", re.IGNORECASE)
_NO_CREDENTIALS = re.compile(
    r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKey"
)
_MOST_TRIES = 6


class Unread(Exception):
    """A read that no way in was let through, or that AWS does not answer here.

    Args:
        service: boto3's name of the service.
        operation: The read, as the API calls it: ``ListKeys``.
        code: AWS's error code, or the name of the client's error.
        message: What it says.
    """

    def __init__(self, service: str, operation: str, code: str, message: str) -> None:
        super().__init__(service, operation, code, message)
        self.service = service
        self.operation = operation
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.service} {self.operation}: {self.code}: {self.message}"


class Absent(Exception):
    """AWS says that there is no such thing."""


@dataclass(frozen=True)
class WayIn:
    """Credentials for reading.

    Args:
        name: How messages call them: ``the credentials of the environment``.
        session: The credentials and the Region.
    """

    name: str
    session: boto3.Session


class Account:
    """One account in one Region, to be read; safe to use in several threads.

    Args:
        ways: The ways in; a read that the first is denied is put to the next.
        endpoint_url: Where AWS answers, for an embedded cloud; None for AWS itself.
        connections: How many reads run at the same time.
    """

    def __init__(self, ways: tuple[WayIn, ...], endpoint_url: str | None = None, *, connections: int = 8) -> None:
        self._ways = ways
        self._endpoint_url = endpoint_url
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": _MOST_TRIES},
            max_pool_connections=connections,
            s3={"addressing_style": "path"} if endpoint_url else {},
        )
        self._clients: dict[tuple[str, int], Any] = {}
        # Making clients from one session is not safe in several threads at once.
        self._lock = threading.Lock()

    @cached_property
    def id(self) -> str:
        """The account's number.

        Raises:
            UserError: The credentials are not valid.
        """
        try:
            return str(self.read("sts", "get_caller_identity")["Account"])
        except Unread as unread:
            raise UserError(
                f"who the credentials belong to is not answered: {unread}", remedy="give valid credentials of AWS"
            ) from None

    @property
    def region(self) -> str:
        """The Region that is read."""
        return str(self._ways[0].session.region_name)

    def read(self, service: str, operation: str, **parameters: Any) -> Answer:
        """All pages of an answer, as one.

        Args:
            service: boto3's name of the service.
            operation: boto3's name of the read.
            **parameters: Of the request.

        Raises:
            Unread: No way in is let through, or AWS does not answer this here.
            Absent: There is no such thing.
            UserError: The credentials are not valid.
        """
        refusals: list[str] = []
        code = ""
        for number, way in enumerate(self._ways):
            try:
                return self._pages(number, service, operation, parameters)
            except ClientError as error:
                code, message = _said(error)
                if _says_absent(code, message):
                    raise Absent(f"{code}: {message}") from None
                if not _DENIED.search(code):
                    raise _unread(service, operation, code, message) from None
                refusals.append(f"{way.name}: {message}")
            except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError) as error:
                raise _no_credentials(str(error)) from None
            except BotoCoreError as error:
                raise Unread(service, _api_name(operation), type(error).__name__, str(error)) from None
        raise Unread(service, _api_name(operation), code, "; ".join(refusals))

    def _pages(self, way: int, service: str, operation: str, parameters: Mapping[str, Any]) -> Answer:
        client = self._client(way, service)
        if client.can_paginate(operation):
            return client.get_paginator(operation).paginate(**parameters).build_full_result()
        return _followed(getattr(client, operation), parameters)

    def _client(self, way: int, service: str) -> Any:
        with self._lock:
            key = service, way
            if key not in self._clients:
                make = cast("Callable[..., Any]", self._ways[way].session.client)
                client = make(service, endpoint_url=self._endpoint_url, config=self._config)
                if self._endpoint_url is not None:
                    name = client.meta.service_model.service_id.hyphenize()
                    client.meta.events.register_first(f"request-created.{name}", self._to_the_one_host)
                self._clients[key] = client
            return self._clients[key]

    def _to_the_one_host(self, request: Any, **_: Any) -> None:
        """An embedded cloud has one host, also for the services that name the account before it, as S3 Control does."""
        host = urlsplit(self._endpoint_url or "").netloc
        request.url = urlsplit(str(request.url))._replace(netloc=host).geturl()


def _followed(call: Callable[..., Answer], parameters: Mapping[str, Any]) -> Answer:
    """All pages of an operation for which boto3 has no paginator."""
    answer = call(**parameters)
    whole = dict(answer)
    while answer.get("NextToken"):
        answer = call(**parameters, NextToken=answer["NextToken"])
        for name, value in answer.items():
            if isinstance(value, list):
                whole[name] = [*whole.get(name, []), *cast("list[object]", value)]
    return whole


def _said(error: ClientError) -> tuple[str, str]:
    said = cast("Mapping[str, str]", error.response.get("Error", {}))
    return said.get("Code", ""), said.get("Message", "")


def _says_absent(code: str, message: str) -> bool:
    if _ABSENT.search(code):
        return True
    return bool(_VAGUE.search(code) and _ABSENT_MESSAGE.search(message))


def _unread(service: str, operation: str, code: str, message: str) -> Exception:
    if _NO_CREDENTIALS.search(code):
        return _no_credentials(f"{code}: {message}")
    return Unread(service, _api_name(operation), code, message)


def _no_credentials(said: str) -> UserError:
    return UserError(f"AWS does not take the credentials: {said}", remedy="give valid credentials of AWS")


def _api_name(operation: str) -> str:
    """``ListKeys`` for ``list_keys``, for messages."""
    return "".join(part.title() for part in operation.split("_"))
