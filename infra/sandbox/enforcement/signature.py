"""Reads and verifies the Signature Version 4 of a request: in the Authorization header, or in a presigned URL.

Botocore's canonicalisation is used from the other side: the same code that signs in the client, over the request as it
arrived. What only a server does is here: which headers must be signed, how old a request may be, comparing.
Sources: IAM User Guide, "AWS Signature Version 4 for API requests", "Create a signed AWS API request", "Elements of an
AWS API request signature"; Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS Signature
Version 4)", "Signature calculations for the authorization header: transferring payload in a single chunk".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from infra.sandbox.enforcement import signed_chunks
from infra.sandbox.enforcement.refusals import S3_STYLE, CredentialsRefused, Failure

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
MAX_EXPIRES = 604_800
"""Seconds that a presigned URL may be valid: a week."""

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_SCOPE = re.compile(r"(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9_.-]+)/aws4_request")
_HASH = re.compile(r"[0-9a-f]{64}")
# A request target as HTTP allows it: what urlsplit would drop or cut off must not be signed one way and served another.
_TARGET = re.compile(r"/[^#\s\x00-\x1f\x7f]*")
_QUERY_AUTH = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who a request says that it is from, before anything of it is verified.

    Attributes:
        access_key_id: The key that it says it is signed with.
        token: The session token that came with it.
        signed_at: When it says that it was signed.
        region: The Region of the credential scope.
        service: The service's signing name, of the credential scope.
        signed_headers: Names of headers, in lower case.
        signature: 64 hexadecimal digits.
        expires: For how many seconds a presigned URL is valid; None for a signature in the header.
    """

    access_key_id: str
    token: str | None
    signed_at: datetime
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    expires: int | None

    @property
    def timestamp(self) -> str:
        """When it was signed, as the string to sign has it."""
        return self.signed_at.strftime(_TIMESTAMP)


def read_claim(environ: WSGIEnvironment) -> Claim | None:
    """Who signed a request, as it says itself; None for an anonymous one.

    Args:
        environ: The request.

    Raises:
        CredentialsRefused: It is signed in no way that AWS, or this cloud, takes.
    """
    header: str = environ.get("HTTP_AUTHORIZATION", "")
    query = _query(environ)
    in_query = "X-Amz-Algorithm" in query
    if header and in_query:
        raise CredentialsRefused(Failure.INCOMPLETE, "Only one auth mechanism allowed: the query or the header.")
    if in_query:
        return _from_query(query)
    if header:
        return _from_header(header, environ)
    if "AWSAccessKeyId" in query:
        raise _unsupported()
    return None


def verify(claim: Claim, environ: WSGIEnvironment, body: bytes, secret: str, now: datetime) -> None:
    """Checks that whoever holds the secret signed this request, and when.

    Args:
        claim: What `read_claim` read from it.
        environ: The request.
        body: Its body as it was sent, chunks not decoded.
        secret: The secret access key that belongs to the claim's key.
        now: The time, with a time zone.

    Raises:
        CredentialsRefused: Says what does not fit.
    """
    _check_time(claim, now)
    _check_signed_headers(claim, environ)
    payload = _payload_hash(claim, environ, body)
    signer = _signer(claim, environ, secret)
    request = AWSRequest(
        method=environ["REQUEST_METHOD"],
        url=f"http://sandbox{_signed_target(environ)}",
        headers={"X-Amz-Content-SHA256": payload},
    )
    request.context["timestamp"] = claim.timestamp
    text = signer.string_to_sign(request, signer.canonical_request(request))
    expected = signer.signature(text, request)
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise CredentialsRefused(
            Failure.MISMATCH,
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )
    if payload.startswith(signed_chunks.PREFIX):
        signed_chunks.verify(
            payload,
            body,
            seed=claim.signature,
            timestamp=claim.timestamp,
            scope=signer.credential_scope(request),
            sign=lambda chunk: signer.signature(chunk, request),
            decoded_length=environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH"),
        )


def raw_target(environ: WSGIEnvironment) -> str:
    """Path and query as they came over the wire: servers hand on a decoded path, but the encoded one is signed.

    Raises:
        CredentialsRefused: It is not in the origin form of HTTP.
    """
    target: str = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    if not _TARGET.fullmatch(target):
        raise CredentialsRefused(Failure.INCOMPLETE, "The request target is not an absolute path.")
    return target


class _Server:
    """The two ends of botocore's signers that differ in a server: the headers are chosen by the client."""

    _chosen: HTTPHeaders

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        del request
        return self._chosen


class _Verifier(_Server, SigV4Auth):
    def __init__(self, credentials: Credentials, claim: Claim, chosen: HTTPHeaders) -> None:
        super().__init__(credentials, claim.service, claim.region)
        self._chosen = chosen


class _S3Verifier(_Server, S3SigV4Auth):
    def __init__(self, credentials: Credentials, claim: Claim, chosen: HTTPHeaders) -> None:
        super().__init__(credentials, claim.service, claim.region)
        self._chosen = chosen


def _signer(claim: Claim, environ: WSGIEnvironment, secret: str) -> SigV4Auth:
    chosen = HTTPHeaders()
    for name in claim.signed_headers:
        value = _header(environ, name)
        if value is None:
            raise CredentialsRefused(Failure.MISMATCH, f"The signed header {name!r} is not in the request.")
        chosen[name] = value
    credentials = Credentials(claim.access_key_id, secret)
    return (_S3Verifier if claim.service in S3_STYLE else _Verifier)(credentials, claim, chosen)


def _query(environ: WSGIEnvironment) -> dict[str, str]:
    text: str = environ.get("QUERY_STRING", "")
    # Most requests have no query, or none that could hold credentials.
    if "X-Amz-" not in text and "AWSAccessKeyId" not in text:
        return {}
    return dict(parse_qsl(text, keep_blank_values=True))


def _from_query(query: Mapping[str, str]) -> Claim:
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise _unsupported()
    missing = [name for name in (*_QUERY_AUTH, "X-Amz-Signature") if not query.get(name)]
    if missing:
        raise CredentialsRefused(
            Failure.INCOMPLETE,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            f"X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters: {', '.join(missing)} is missing.",
        )
    expires = query["X-Amz-Expires"]
    if not expires.isascii() or not expires.isdigit() or not 1 <= int(expires) <= MAX_EXPIRES:
        raise CredentialsRefused(
            Failure.INCOMPLETE, f"X-Amz-Expires must be a number of seconds between 1 and {MAX_EXPIRES}"
        )
    return _claim(
        query["X-Amz-Credential"],
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        _timestamp(query["X-Amz-Date"]),
        token=query.get("X-Amz-Security-Token"),
        expires=int(expires),
    )


def _from_header(header: str, environ: WSGIEnvironment) -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise _unsupported()
    parts = dict(_parts(rest))
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        named = " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
        raise CredentialsRefused(Failure.INCOMPLETE, named)
    return _claim(
        parts["Credential"],
        parts["SignedHeaders"],
        parts["Signature"],
        _header_time(environ),
        token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
        expires=None,
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        yield name, value


def _claim(
    credential: str, headers: str, signature: str, signed_at: datetime, *, token: str | None, expires: int | None
) -> Claim:
    scope = _SCOPE.fullmatch(credential)
    if scope is None:
        raise CredentialsRefused(
            Failure.INCOMPLETE,
            "The Credential is malformed; expecting <YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request.",
        )
    if scope["date"] != signed_at.strftime("%Y%m%d"):
        raise CredentialsRefused(
            Failure.INCOMPLETE,
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"{scope['date']!r} != {signed_at.strftime('%Y%m%d')!r}",
        )
    return Claim(
        access_key_id=scope["key"],
        token=token or None,
        signed_at=signed_at,
        region=scope["region"],
        service=scope["service"],
        signed_headers=tuple(headers.lower().split(";")),
        signature=signature,
        expires=expires,
    )


def _header_time(environ: WSGIEnvironment) -> datetime:
    stamp = environ.get("HTTP_X_AMZ_DATE")
    if stamp:
        return _timestamp(stamp)
    try:
        found = parsedate_to_datetime(environ["HTTP_DATE"])
    except (KeyError, ValueError):
        raise CredentialsRefused(
            Failure.INCOMPLETE, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        ) from None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _timestamp(text: str) -> datetime:
    try:
        return datetime.strptime(text, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        raise CredentialsRefused(
            Failure.INCOMPLETE, f"X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\": {text!r}"
        ) from None


def _unsupported() -> CredentialsRefused:
    return CredentialsRefused(
        Failure.UNSUPPORTED,
        f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}.",
    )


def _check_time(claim: Claim, now: datetime) -> None:
    if claim.expires is not None:
        if now > claim.signed_at + timedelta(seconds=claim.expires):
            raise CredentialsRefused(Failure.EXPIRED_URL, "Request has expired")
        if claim.signed_at > now + SKEW:
            raise CredentialsRefused(Failure.EXPIRED_URL, "Request is not valid yet")
        return
    if abs(now - claim.signed_at) <= SKEW:
        return
    if claim.service in S3_STYLE:
        message = "The difference between the request time and the current time is too large."
    elif claim.signed_at < now:
        earliest = (now - SKEW).strftime(_TIMESTAMP)
        message = f"Signature expired: {claim.timestamp} is now earlier than {earliest} ({now:{_TIMESTAMP}} - 15 min.)"
    else:
        latest = (now + SKEW).strftime(_TIMESTAMP)
        message = f"Signature not yet current: {claim.timestamp} is still later than {latest}"
    raise CredentialsRefused(Failure.SKEWED, message)


def _check_signed_headers(claim: Claim, environ: WSGIEnvironment) -> None:
    signed = {_environ_key(name) for name in claim.signed_headers}
    needed = [key for key in environ if key == "HTTP_HOST" or key.startswith("HTTP_X_AMZ_")]
    unsigned = sorted(key.removeprefix("HTTP_").lower().replace("_", "-") for key in needed if key not in signed)
    if unsigned:
        raise CredentialsRefused(
            Failure.HEADERS_NOT_SIGNED,
            f"There were headers present in the request which were not signed: {', '.join(unsigned)}",
        )


def _payload_hash(claim: Claim, environ: WSGIEnvironment, body: bytes) -> str:
    """The hash of the payload that belongs into the canonical request."""
    given: str | None = environ.get("HTTP_X_AMZ_CONTENT_SHA256")
    if claim.service in S3_STYLE:
        if given is None and claim.expires is None:
            raise CredentialsRefused(
                Failure.INCOMPLETE, "Missing required header for this request: x-amz-content-sha256"
            )
        if given in {None, UNSIGNED_PAYLOAD}:
            return UNSIGNED_PAYLOAD
        if given in signed_chunks.FORMS:
            return given
    actual = hashlib.sha256(body).hexdigest()
    if given is not None and (not _HASH.fullmatch(given) or not hmac.compare_digest(given, actual)):
        raise CredentialsRefused(
            Failure.WRONG_PAYLOAD, "The provided 'x-amz-content-sha256' header does not match what was computed."
        )
    return actual


def _signed_target(environ: WSGIEnvironment) -> str:
    """The request target without the signature itself, which a presigned URL carries."""
    path, mark, query = raw_target(environ).partition("?")
    if "X-Amz-Signature=" not in query:
        return f"{path}{mark}{query}"
    kept = "&".join(pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
    return f"{path}?{kept}"


def _environ_key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def _header(environ: WSGIEnvironment, name: str) -> str | None:
    value: str | None = environ.get(_environ_key(name))
    if value is None or value.isascii():
        return value
    try:
        # WSGI hands on bytes as Latin-1; clients sign the text, which they send in UTF-8.
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
