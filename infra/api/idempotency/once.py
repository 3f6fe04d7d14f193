"""Does a request with an Idempotency-Key once, and answers its repetitions as it answered the first.

Source: IETF HTTPAPI working group, "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header),
sections 2.1 (syntax), 2.4 (fingerprint) and 2.7 (400, 409, 422).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from infra.api.auth.caller import Caller
from infra.api.idempotency.keys import KeyStore, RequestKey
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.store.idempotency import Answer, Begun, Reused, Running
from infra.store.ids import new_id

_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_KEPT_HEADERS = ("content-type", "etag", "location", "retry-after")

Work = Callable[[str], Awaitable[Response]]
"""Does the request, given the reference after which it names what it makes; see `Begun.reference`."""


@dataclass(frozen=True, slots=True)
class OnceRequest:
    """A request that may carry a key.

    Attributes:
        key: The key; None where the caller sent none.
        fingerprint: Of its method, path, query and body.
    """

    key: str | None
    fingerprint: str


async def once_request(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(description="Makes the request safe to repeat: it is done once in 7 days")
    ] = None,
) -> OnceRequest:
    """The dependency of a route that makes or starts something: ``Depends(once_request)``.

    Raises:
        ProblemError: 400; the key is malformed, or there are two.
    """
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise ProblemError(Kind.MALFORMED, "The request has more than one Idempotency-Key.")
    key = None if idempotency_key is None else _unquoted(idempotency_key)
    return OnceRequest(key, await _fingerprint(request))


@dataclass(frozen=True, slots=True)
class Once:
    """Does requests once.

    Attributes:
        store: Where keys and answers are.
        now: The time, in UTC.
    """

    store: KeyStore
    now: Callable[[], datetime]

    async def answer(self, asked: OnceRequest, caller: Caller, work: Work) -> Response:
        """Does a request, or gives the answer that it was given before.

        Args:
            asked: The request.
            caller: Who sent it, already authorised.
            work: Does it. If it raises, the key is free again for the same request.

        Raises:
            ProblemError: 422 where the key was used for another request, 409 while the same one runs.
        """
        if asked.key is None:
            return await work(new_id())
        request = RequestKey(caller.key, asked.key)
        found = await run_sync(self.store.begin, request, asked.fingerprint, self.now())
        match found:
            case Answer():
                return _replayed(found)
            case Reused():
                raise ProblemError(Kind.KEY_REUSED, "The Idempotency-Key was sent before with another request.")
            case Running():
                wait = found.retry_after.total_seconds()
                raise ProblemError(Kind.STILL_RUNNING, "The first request has not ended yet.", retry_after=min(wait, 5))
            case Begun():
                return await self._do(request, found, work)

    async def _do(self, request: RequestKey, begun: Begun, work: Work) -> Response:
        try:
            response = await work(begun.reference)
        except BaseException:
            with anyio.CancelScope(shield=True):
                await run_sync(self.store.release, request, begun.attempt)
            raise
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        answer = Answer(response.status_code, headers, bytes(response.body))
        with anyio.CancelScope(shield=True):
            await run_sync(self.store.finish, request, begun.attempt, answer)
        return response


def _replayed(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers={**answer.headers, "Idempotency-Replayed": "true"})


def _unquoted(value: str) -> str:
    """The key: the draft has it in quotes, most clients send it without."""
    key = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    if not _KEY.fullmatch(key):
        raise ProblemError(Kind.MALFORMED, "The Idempotency-Key must have 1 to 255 visible ASCII characters.")
    return key


async def _fingerprint(request: Request) -> str:
    digest = sha256()
    for part in (request.method, request.url.path, request.url.query, request.headers.get("if-match", "")):
        digest.update(len(part).to_bytes(8) + part.encode())
    digest.update(await request.body())
    return digest.hexdigest()
