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


class TokenSettings(BaseModel, frozen=True, extra="forbid"):
    """Whose tokens are accepted.

    Attributes:
        issuer: The claim ``iss``, character for character.
        audience: What the claim ``aud`` must hold.
        jwks_uri: Where the issuer publishes its keys; https, or http on this machine.
        algorithms: Signatures that are accepted, whatever a token's header says.
        roles_claim: The claim that lists the caller's roles.
        tenant_claim: The claim that names the tenant of a tenant's administrator.
        leeway_seconds: Difference of clocks that is borne.
    """

    issuer: Annotated[str, Field(min_length=1, max_length=512)]
    audience: Annotated[str, Field(min_length=1, max_length=512)]
    jwks_uri: str
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "PS256", "ES256")
    roles_claim: Annotated[str, Field(min_length=1)] = "roles"
    tenant_claim: Annotated[str, Field(min_length=1)] = "tenant"
    leeway_seconds: Annotated[int, Field(ge=0, le=300)] = 30

    @field_validator("jwks_uri")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or parts.username or not (parts.scheme == "https" or local):
            raise ValueError("must be an https address without credentials (http only on 127.0.0.1)")
        return value


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
    """

    tokens: TokenSettings
    page_token_keys: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    rate: RateSettings = RateSettings()
    failure_rate: RateSettings = RateSettings(per_second=1.0, burst=20)
    max_body_bytes: Annotated[int, Field(ge=1)] = 256 * 1024

    @model_validator(mode="after")
    def _strong_keys(self) -> Self:
        if any(len(key.get_secret_value()) < 32 for key in self.page_token_keys):
            raise ValueError("page_token_keys: each must have at least 32 characters")
        return self
