"""What an operator sets for the API: whose tokens it accepts, and how much it takes from a caller.

Sources: RFC 8725 "JSON Web Token Best Current Practices" (section 3.1, algorithms); RFC 9068 "JWT Profile for OAuth 2.0
Access Tokens"; OpenID Connect Discovery 1.0 (``jwks_uri``).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

Algorithm = Literal["RS256", "PS256", "ES256", "ES384", "Ed25519"]
"""Signatures by a private key only: with a shared secret, whoever can check a token could make one."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def is_safe_address(value: str) -> bool:
    """Whether keys may be fetched from an address: by https without credentials in it, or from this machine."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and not parts.username and (parts.scheme == "https" or local)


class TokenSettings(BaseModel, frozen=True, extra="forbid"):
    """Whose tokens are accepted.

    Attributes:
        issuer: The claim ``iss``, character for character.
        audience: What the claim ``aud`` must hold.
        jwks_uri: Where the issuer publishes its keys; https, or http on this machine. None: the issuer says it, in
            the document of OpenID Connect Discovery.
        algorithms: Signatures that are accepted, whatever a token's header says.
        roles_claim: The claim that lists the caller's roles.
        tenant_claim: The claim that names the tenant of a tenant's administrator.
        leeway_seconds: Difference of clocks that is borne.
    """

    issuer: Annotated[str, Field(min_length=1, max_length=512)]
    audience: Annotated[str, Field(min_length=1, max_length=512)]
    jwks_uri: str | None = None
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256")
    roles_claim: Annotated[str, Field(min_length=1)] = "roles"
    tenant_claim: Annotated[str, Field(min_length=1)] = "tenant"
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30

    @field_validator("jwks_uri")
    @classmethod
    def _safe_address(cls, value: str | None) -> str | None:
        if value is not None and not is_safe_address(value):
            raise ValueError("must be an https address without credentials (http only on 127.0.0.1)")
        return value

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if self.jwks_uri is None and not is_safe_address(self.issuer):
            raise ValueError("give jwks_uri: the issuer is no https address at which its keys could be looked up")
        return self


class RateSettings(BaseModel, frozen=True, extra="forbid"):
    """How many requests a caller may send to one process.

    Attributes:
        per_second: Requests a second in the long run.
        burst: Requests at once after a pause.
        max_callers: Callers that are remembered; bounds the memory.
    """

    per_second: Annotated[float, Field(gt=0)] = 10.0
    burst: Annotated[int, Field(ge=1)] = 40
    max_callers: Annotated[int, Field(ge=1)] = 10_000


class ApiSettings(BaseModel, frozen=True, extra="forbid"):
    """All settings of the API.

    Attributes:
        tokens: Whose tokens are accepted.
        page_token_keys: Secrets that sign page tokens: the last one signs, all are accepted, so that they can be
            rotated. Every process of one service has the same.
        rate: Requests of a caller who is authenticated.
        failure_rate: Requests with no valid token from one address.
        max_body_bytes: The largest body of a request.
        max_streams: Streams of events that one process serves at a time.
        stream_seconds: A stream ends after this time at the latest; who reads on resumes it, with a current token.
        heartbeat_seconds: A stream in which nothing happens says so often that it lives.
        preview_seconds: A preview that takes longer is ended.
        report_seconds: So long an answer about capacity or the fleet is given again before it is found anew.
    """

    tokens: TokenSettings
    page_token_keys: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    rate: RateSettings = RateSettings()
    failure_rate: RateSettings = RateSettings(per_second=1.0, burst=20)
    max_body_bytes: Annotated[int, Field(ge=1)] = 256 * 1024
    max_streams: Annotated[int, Field(ge=1)] = 200
    stream_seconds: Annotated[float, Field(gt=0)] = 900.0
    heartbeat_seconds: Annotated[float, Field(gt=0)] = 15.0
    preview_seconds: Annotated[float, Field(gt=0)] = 120.0
    report_seconds: Annotated[float, Field(ge=0)] = 15.0

    @model_validator(mode="after")
    def _strong_keys(self) -> Self:
        if any(len(key.get_secret_value()) < 32 for key in self.page_token_keys):
            raise ValueError("page_token_keys: each must have at least 32 characters")
        return self
