"""Verifies a body in `aws-chunked` coding: the signature of each chunk and of the trailer, and the length.

Sources: Amazon S3 API Reference, "Signature calculations for the authorization header: transferring payload in multiple
chunks (chunked upload)", "... including trailing headers (chunked upload)".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure

PREFIX = "STREAMING-"
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
FORMS = frozenset({SIGNED, SIGNED_TRAILER, UNSIGNED_TRAILER})

_EMPTY = hashlib.sha256(b"").hexdigest()
_CHUNK_HEAD = re.compile(rb"(?P<size>[0-9a-fA-F]{1,16})(?:;chunk-signature=(?P<signature>[0-9a-f]{64}))?")
_TRAILER_SIGNATURE = b"x-amz-trailer-signature:"


def verify(
    form: str,
    body: bytes,
    *,
    seed: str,
    timestamp: str,
    scope: str,
    sign: Callable[[str], str],
    decoded_length: str | None,
) -> None:
    """Checks a body that is sent in chunks.

    Args:
        form: The value of x-amz-content-sha256, one of `FORMS`.
        body: The body as it was sent.
        seed: The signature of the request's head.
        timestamp: When it was signed, as in the string to sign.
        scope: The credential scope, without the key.
        sign: From a string to sign to its signature in hexadecimal digits.
        decoded_length: The header x-amz-decoded-content-length: bytes of all chunks together.

    Raises:
        CredentialsRefused: A signature, the form or the length does not fit.
    """
    signed = form != UNSIGNED_TRAILER
    previous, position, total = seed, 0, 0
    while True:
        head, position = _line(body, position)
        found = _CHUNK_HEAD.fullmatch(head)
        if found is None or (found["signature"] is not None) != signed:
            raise _malformed()
        size = int(found["size"], 16)
        data = body[position : position + size]
        if len(data) != size:
            raise _malformed()
        if signed:
            digest = hashlib.sha256(data).hexdigest()
            text = "\n".join(("AWS4-HMAC-SHA256-PAYLOAD", timestamp, scope, previous, _EMPTY, digest))
            previous = _compare(sign(text), found["signature"])
        position, total = position + size, total + size
        if size == 0:
            break
        if body[position : position + 2] != b"\r\n":
            raise _malformed()
        position += 2
    if form == SIGNED_TRAILER:
        _check_trailer(body[position:], timestamp, scope, previous, sign)
    if decoded_length != str(total):
        raise CredentialsRefused(
            Failure.WRONG_PAYLOAD, f"x-amz-decoded-content-length is {decoded_length}, but {total} bytes were sent."
        )


def _line(body: bytes, position: int) -> tuple[bytes, int]:
    end = body.find(b"\r\n", position)
    if end < 0:
        raise _malformed()
    return body[position:end], end + 2


def _check_trailer(rest: bytes, timestamp: str, scope: str, previous: str, sign: Callable[[str], str]) -> None:
    lines = [line for line in rest.replace(b"\r\n", b"\n").split(b"\n") if line]
    if not lines or not lines[-1].startswith(_TRAILER_SIGNATURE):
        raise _malformed()
    canonical = b"".join(line + b"\n" for line in lines[:-1])
    digest = hashlib.sha256(canonical).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256-TRAILER", timestamp, scope, previous, digest))
    _compare(sign(text), lines[-1].removeprefix(_TRAILER_SIGNATURE))


def _compare(expected: str, given: bytes) -> str:
    if not hmac.compare_digest(expected.encode(), given):
        raise CredentialsRefused(
            Failure.MISMATCH, "The chunk signature we calculated does not match the signature you provided."
        )
    return expected


def _malformed() -> CredentialsRefused:
    return CredentialsRefused(Failure.WRONG_PAYLOAD, "The body is not in the aws-chunked form that its header names.")
