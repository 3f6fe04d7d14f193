"""Why a request's credentials are refused, and by which error code each kind of service says so.

Sources: Amazon S3 API Reference, "Error responses"; IAM, STS and SageMaker API References, "Common Error Types"; Amazon
EC2 API Reference, "Error codes for the Amazon EC2 API"; IAM User Guide, "Troubleshoot Signature Version 4 signing".
"""

from __future__ import annotations

from enum import Enum, auto
from http import HTTPStatus


class Failure(Enum):
    """What is wrong with the credentials of a request."""

    MISSING = auto()
    INCOMPLETE = auto()
    UNSUPPORTED = auto()
    UNKNOWN_KEY = auto()
    INVALID_TOKEN = auto()
    EXPIRED_TOKEN = auto()
    MISMATCH = auto()
    SKEWED = auto()
    EXPIRED_URL = auto()
    WRONG_PAYLOAD = auto()
    HEADERS_NOT_SIGNED = auto()
    UNKNOWN_ROUTE = auto()
    INVALID_IDENTITY_TOKEN = auto()
    EXPIRED_IDENTITY_TOKEN = auto()


class CredentialsRefused(Exception):
    """The request is nobody's: it is answered before anything else is looked at.

    Args:
        failure: What is wrong.
        message: What the answer says of it.
    """

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message

    def code(self, service: str, protocol: str) -> tuple[HTTPStatus, str]:
        """The status and error code by which AWS answers.

        Args:
            service: The name that the request is signed for, for example ``s3``.
            protocol: The service's protocol as botocore names it, for example ``rest-json``.
        """
        if service in S3_STYLE:
            return _S3[self.failure]
        if protocol == "ec2":
            return _EC2.get(self.failure) or _QUERY[self.failure]
        if protocol in {"query", "rest-xml"}:
            return _QUERY[self.failure]
        status = HTTPStatus.FORBIDDEN if protocol == "rest-json" else HTTPStatus.BAD_REQUEST
        return status, _JSON[self.failure]


S3_STYLE = frozenset({"s3", "s3-outposts", "s3-object-lambda"})
"""Signing names of the services that sign the path as it is and answer errors as Amazon S3 does."""

_BAD = HTTPStatus.BAD_REQUEST
_FORBIDDEN = HTTPStatus.FORBIDDEN
_UNAUTHORIZED = HTTPStatus.UNAUTHORIZED

_S3: dict[Failure, tuple[HTTPStatus, str]] = {
    Failure.MISSING: (_FORBIDDEN, "AccessDenied"),
    Failure.INCOMPLETE: (_BAD, "AuthorizationHeaderMalformed"),
    Failure.UNSUPPORTED: (_BAD, "InvalidRequest"),
    Failure.UNKNOWN_KEY: (_FORBIDDEN, "InvalidAccessKeyId"),
    Failure.INVALID_TOKEN: (_BAD, "InvalidToken"),
    Failure.EXPIRED_TOKEN: (_BAD, "ExpiredToken"),
    Failure.MISMATCH: (_FORBIDDEN, "SignatureDoesNotMatch"),
    Failure.SKEWED: (_FORBIDDEN, "RequestTimeTooSkewed"),
    Failure.EXPIRED_URL: (_FORBIDDEN, "AccessDenied"),
    Failure.WRONG_PAYLOAD: (_BAD, "XAmzContentSHA256Mismatch"),
    Failure.HEADERS_NOT_SIGNED: (_FORBIDDEN, "AccessDenied"),
    Failure.UNKNOWN_ROUTE: (_FORBIDDEN, "AccessDenied"),
    Failure.INVALID_IDENTITY_TOKEN: (_BAD, "InvalidToken"),
    Failure.EXPIRED_IDENTITY_TOKEN: (_BAD, "ExpiredToken"),
}

_QUERY: dict[Failure, tuple[HTTPStatus, str]] = {
    Failure.MISSING: (_FORBIDDEN, "MissingAuthenticationToken"),
    Failure.INCOMPLETE: (_FORBIDDEN, "IncompleteSignature"),
    Failure.UNSUPPORTED: (_FORBIDDEN, "IncompleteSignature"),
    Failure.UNKNOWN_KEY: (_FORBIDDEN, "InvalidClientTokenId"),
    Failure.INVALID_TOKEN: (_FORBIDDEN, "InvalidClientTokenId"),
    Failure.EXPIRED_TOKEN: (_FORBIDDEN, "ExpiredToken"),
    Failure.MISMATCH: (_FORBIDDEN, "SignatureDoesNotMatch"),
    Failure.SKEWED: (_FORBIDDEN, "SignatureDoesNotMatch"),
    Failure.EXPIRED_URL: (_BAD, "RequestExpired"),
    Failure.WRONG_PAYLOAD: (_FORBIDDEN, "SignatureDoesNotMatch"),
    Failure.HEADERS_NOT_SIGNED: (_FORBIDDEN, "SignatureDoesNotMatch"),
    Failure.UNKNOWN_ROUTE: (_FORBIDDEN, "AccessDenied"),
    Failure.INVALID_IDENTITY_TOKEN: (_BAD, "InvalidIdentityToken"),
    Failure.EXPIRED_IDENTITY_TOKEN: (_BAD, "ExpiredTokenException"),
}

_EC2: dict[Failure, tuple[HTTPStatus, str]] = {
    Failure.UNKNOWN_KEY: (_UNAUTHORIZED, "AuthFailure"),
    Failure.INVALID_TOKEN: (_UNAUTHORIZED, "AuthFailure"),
    Failure.EXPIRED_TOKEN: (_BAD, "RequestExpired"),
    Failure.SKEWED: (_BAD, "RequestExpired"),
    Failure.UNKNOWN_ROUTE: (_FORBIDDEN, "UnauthorizedOperation"),
}

_JSON: dict[Failure, str] = {
    Failure.MISSING: "MissingAuthenticationTokenException",
    Failure.INCOMPLETE: "IncompleteSignatureException",
    Failure.UNSUPPORTED: "IncompleteSignatureException",
    Failure.UNKNOWN_KEY: "UnrecognizedClientException",
    Failure.INVALID_TOKEN: "UnrecognizedClientException",
    Failure.EXPIRED_TOKEN: "ExpiredTokenException",
    Failure.MISMATCH: "InvalidSignatureException",
    Failure.SKEWED: "InvalidSignatureException",
    Failure.EXPIRED_URL: "InvalidSignatureException",
    Failure.WRONG_PAYLOAD: "InvalidSignatureException",
    Failure.HEADERS_NOT_SIGNED: "InvalidSignatureException",
    Failure.UNKNOWN_ROUTE: "AccessDeniedException",
    Failure.INVALID_IDENTITY_TOKEN: "UnrecognizedClientException",
    Failure.EXPIRED_IDENTITY_TOKEN: "ExpiredTokenException",
}
