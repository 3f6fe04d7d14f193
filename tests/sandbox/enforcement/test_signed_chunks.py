"""Bodies in chunks, as S3 clients stream them: each chunk's signature counts, and the trailer's."""

from __future__ import annotations

import hashlib
from typing import Any
from unittest.mock import patch

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from signed_requests import KEY_ID, NOW, SECRET, environ_of

from infra.sandbox.enforcement import signed_chunks
from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure
from infra.sandbox.enforcement.signature import read_claim, verify

STAMP = NOW.strftime("%Y%m%dT%H%M%SZ")
EMPTY = hashlib.sha256(b"").hexdigest()
CHUNKS = [b"a" * 70_000, b"b" * 100]
TRAILER = b"x-amz-checksum-crc32:AAAAAA=="


class _Streaming(S3SigV4Auth):
    """Signs the head of a request whose body comes in chunks."""

    form = ""

    def payload(self, request: AWSRequest) -> str:
        del request
        return self.form


def upload(form: str, chunks: list[bytes] | None = None) -> tuple[dict[str, Any], bytes]:
    """A request that sends an object in chunks, in one of the forms, signed by the rules of the documentation."""
    sent = [*(CHUNKS if chunks is None else chunks), b""]
    signer = _Streaming(Credentials(KEY_ID, SECRET), "s3", "eu-central-1")
    signer.form = form
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": str(sum(map(len, sent))),
    }
    if form != signed_chunks.SIGNED:
        headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
    request = AWSRequest("PUT", "http://127.0.0.1:4566/bucket/key", headers=headers)
    with patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        signer.add_auth(request)
    signature = str(request.headers["Authorization"]).rpartition("Signature=")[2]
    scope = signer.credential_scope(request)
    body = b""
    for data in sent:
        body += f"{len(data):x}".encode()
        if form != signed_chunks.UNSIGNED_TRAILER:
            digest = hashlib.sha256(data).hexdigest()
            lines = ("AWS4-HMAC-SHA256-PAYLOAD", STAMP, scope, signature, EMPTY, digest)
            signature = signer.signature("\n".join(lines), request)
            body += f";chunk-signature={signature}".encode()
        body += b"\r\n" + data + (b"\r\n" if data else b"")
    if form != signed_chunks.SIGNED:
        body += TRAILER + b"\r\n"
    if form == signed_chunks.SIGNED_TRAILER:
        digest = hashlib.sha256(TRAILER + b"\n").hexdigest()
        signature = signer.signature("\n".join(("AWS4-HMAC-SHA256-TRAILER", STAMP, scope, signature, digest)), request)
        body += f"x-amz-trailer-signature:{signature}\r\n".encode()
    body += b"\r\n"
    return environ_of("PUT", str(request.url), {"Host": "127.0.0.1:4566", **dict(request.headers.items())}), body


def refusal(environ: dict[str, Any], body: bytes) -> Failure | None:
    claim = read_claim(environ)
    assert claim is not None
    try:
        verify(claim, environ, body, SECRET, NOW)
    except CredentialsRefused as refused:
        return refused.failure
    return None


@pytest.mark.parametrize("form", sorted(signed_chunks.FORMS))
def test_each_form_verifies(form: str) -> None:
    environ, body = upload(form)
    assert refusal(environ, body) is None
    assert refusal(*upload(form, [])) is None


@pytest.mark.parametrize("form", [signed_chunks.SIGNED, signed_chunks.SIGNED_TRAILER])
def test_changed_missing_and_swapped_chunks_are_noticed(form: str) -> None:
    environ, body = upload(form)
    assert refusal(environ, body.replace(b"bbbb", b"bbbc", 1)) is Failure.MISMATCH
    second = CHUNKS[1]
    signature = body.index(b"chunk-signature=") + len(b"chunk-signature=")
    flipped = b"0" if body[signature : signature + 1] != b"0" else b"1"
    assert refusal(environ, body[:signature] + flipped + body[signature + 1 :]) is Failure.MISMATCH
    start = body.index(b"64;chunk-signature")
    end = body.index(second) + len(second) + 2
    assert refusal(environ, body[:start] + body[end:]) is Failure.MISMATCH
    assert refusal(environ, body[start:end] + body[:start] + body[end:]) is Failure.MISMATCH
    assert refusal(environ, body[: body.index(b"0;chunk-signature")]) is Failure.WRONG_PAYLOAD


def test_a_changed_trailer_is_noticed() -> None:
    environ, body = upload(signed_chunks.SIGNED_TRAILER)
    assert refusal(environ, body.replace(TRAILER, TRAILER.replace(b"AAAAAA", b"BBBBBB"))) is Failure.MISMATCH
    without = body[: body.index(b"x-amz-trailer-signature")] + b"\r\n"
    assert refusal(environ, without) is Failure.WRONG_PAYLOAD


def test_the_length_must_be_the_one_that_was_signed() -> None:
    """Chunks without signatures cannot grow: the header with their length is signed."""
    environ, body = upload(signed_chunks.UNSIGNED_TRAILER)
    more = body.replace(b"64\r\n" + CHUNKS[1], b"65\r\n" + CHUNKS[1] + b"b")
    assert more != body
    assert refusal(environ, more) is Failure.WRONG_PAYLOAD
    assert refusal(environ, b"nonsense") is Failure.WRONG_PAYLOAD
