"""Issues tokens on one machine, where no identity provider is reached: for the embedded cloud and its demo.

The tokens are signed and verified as any others are; only the key is not fetched, since whoever has it is the issuer.
Source: RFC 9068 "JWT Profile for OAuth 2.0 Access Tokens", section 2 (header ``typ``, claims).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.api.auth.key_fetch import PublicKey
from infra.api.auth.roles import Role
from infra.api.settings import TokenSettings

_ALGORITHM = "RS256"


class LocalIssuer:
    """The issuer, and the source of its keys for `TokenVerifier`.

    Args:
        key: The private key, such as that of ``infra.sandbox.token_issuer``.
        settings: The issuer's name, the audience and the claims' names.
        now: Seconds since 1970.
    """

    def __init__(self, key: RSAKey, settings: TokenSettings, now: Callable[[], float]) -> None:
        self._key = key
        self._kid = key.thumbprint()
        self._settings = settings
        self._now = now

    async def find(self, kid: str) -> PublicKey | None:
        """The key of an id, as `KeySource.find` says."""
        return self._key if kid == self._kid else None

    def token(self, subject: str, roles: Iterable[Role], tenant: str | None, lifetime: timedelta) -> str:
        """A token.

        Args:
            subject: Whose it is.
            roles: What the bearer is.
            tenant: The tenant that the bearer administers.
            lifetime: How long it is valid.
        """
        now = int(self._now())
        claims: dict[str, str | int | list[str]] = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": subject,
            "iat": now,
            "exp": now + int(lifetime.total_seconds()),
            self._settings.roles_claim: [role.value for role in roles],
        }
        if tenant is not None:
            claims[self._settings.tenant_claim] = tenant
        return jwt.encode({"alg": _ALGORITHM, "typ": "at+jwt", "kid": self._kid}, claims, self._key)
