"""The kinds of error that the API answers with: one row each, served as documentation at its ``type`` address.

Sources: RFC 9457 "Problem Details for HTTP APIs", section 3.1.1 (``type`` as a full path) and section 4 (defining new
types); RFC 9110 "HTTP Semantics", section 15 (status codes); RFC 6585 "Additional HTTP Status Codes" (428, 429).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

PATH = "/problems"


@dataclass(frozen=True, slots=True)
class KindRow:
    """What is the same in all problems of a kind.

    Attributes:
        slug: The last part of the address of its documentation.
        status: The status code that it is answered with.
        title: A short summary, the same at every occurrence.
        remedy: What the caller does about it.
    """

    slug: str
    status: int
    title: str
    remedy: str

    @property
    def type(self) -> str:
        """The URI reference that identifies the kind."""
        return f"{PATH}/{self.slug}"


class Kind(Enum):
    """The table of all kinds."""

    MALFORMED = KindRow("malformed-request", 400, "The request is malformed", "Correct what the detail names.")
    PAGE_TOKEN = KindRow(
        "invalid-page-token",
        400,
        "The page token is not valid for this request",
        "Send a token as it was returned, with the same filters; or list anew without one.",
    )
    UNAUTHENTICATED = KindRow(
        "unauthenticated",
        401,
        "The caller is not authenticated",
        "Send 'Authorization: Bearer TOKEN' with a current token of the configured issuer for this audience.",
    )
    FORBIDDEN = KindRow(
        "forbidden",
        403,
        "The caller may not do this",
        "Ask a platform administrator for a role that may, or act on a tenant of your own.",
    )
    NOT_FOUND = KindRow("not-found", 404, "There is no such resource", "Check the path, and the id in it.")
    METHOD = KindRow("method-not-allowed", 405, "The resource has no such method", "See the header Allow.")
    CONFLICT = KindRow(
        "conflict", 409, "The request conflicts with the resource's state", "Read the resource, then decide anew."
    )
    STILL_RUNNING = KindRow(
        "idempotency-key-in-use",
        409,
        "A request with this Idempotency-Key is still running",
        "Send the same request again after the time in Retry-After.",
    )
    STALE = KindRow(
        "precondition-failed",
        412,
        "The resource has changed since it was read",
        "Read it again, apply the change to what it is now, and send its new ETag in If-Match.",
    )
    TOO_LARGE = KindRow("content-too-large", 413, "The body is too large", "Send no more than the detail says.")
    MEDIA_TYPE = KindRow(
        "unsupported-media-type", 415, "The body's media type is not supported", "Send application/json."
    )
    INVALID = KindRow("invalid-request", 422, "The request is not valid", "Correct the fields that 'errors' names.")
    KEY_REUSED = KindRow(
        "idempotency-key-reused",
        422,
        "The Idempotency-Key was used for another request",
        "Use a new key for a new request; repeat a request byte for byte to get its first answer.",
    )
    NO_PRECONDITION = KindRow(
        "precondition-required",
        428,
        "The change must say which version it is of",
        "Read the resource and send its ETag in If-Match.",
    )
    TOO_MANY = KindRow(
        "too-many-requests", 429, "The caller sends too many requests", "Wait for the time in Retry-After."
    )
    INTERNAL = KindRow(
        "internal-error",
        500,
        "The service failed",
        "Try again; if it fails again, give the operators the request_id.",
    )
    UNAVAILABLE = KindRow(
        "unavailable",
        503,
        "The service cannot answer now",
        "Try again after the time in Retry-After.",
    )


def kind_of(status: int) -> Kind:
    """The kind that stands for a bare status code, such as one that the framework answers with."""
    exact = next((kind for kind in Kind if kind.value.status == status), None)
    if exact:
        return exact
    return Kind.MALFORMED if status < 500 else Kind.INTERNAL
