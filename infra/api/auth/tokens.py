"""Verifies a bearer token and reads who calls.

The header of a token chooses nothing: the algorithms are configured, and the key comes from the configured issuer by
its id; keys and addresses inside a header are not looked at.
Sources: RFC 8725 "JSON Web Token Best Current Practices"; RFC 9068 "JWT Profile for OAuth 2.0 Access
Tokens", section 4; OpenID Connect Core 1.0, section 3.1.3.7 "ID Token Validation".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError

from infra.api.auth.caller import Caller
from infra.api.auth.key_cache import KeySource
from infra.api.auth.roles import Role
from infra.api.settings import TokenSettings
from infra.spec.common import TENANT_ID_PATTERN

_MAX_CHARACTERS = 8_192
_MAX_HEADER_BYTES = 4_096
_MAX_SUBJECT = 255
_MAX_KID = 256
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_TENANT = re.compile(TENANT_ID_PATTERN, re.ASCII)
_MALFORMED = (JoseError, ValueError, TypeError, AttributeError, RecursionError)
"""What the library raises for tokens that are no tokens; the two in the middle for a header of other JSON types."""


class TokenRefused(Exception):
    """A token is not accepted; the message may be shown to who sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedToken:
    """What a valid token says.

    Attributes:
        caller: Whose it is.
        expires_at: When it ends to be valid, in seconds since 1970.
    """

    caller: Caller
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenVerifier:
    """Verifies the tokens of one issuer.

    Attributes:
        settings: Whose tokens are accepted.
        keys: The issuer's keys.
        now: Seconds since 1970.
    """

    settings: TokenSettings
    keys: KeySource
    now: Callable[[], float]

    async def verify(self, token: str) -> Caller:
        """Checks a token, and says whose it is; as `read`."""
        return (await self.read(token)).caller

    async def read(self, token: str) -> VerifiedToken:
        """Checks a token, and reads it.

        Args:
            token: As it came, a signed JWT in compact form.

        Raises:
            TokenRefused: It is not a valid token for this service.
            KeysUnreachable: The issuer's keys are not known, so that no token can be checked.
        """
        kid = self._key_id(token)
        key = await self.keys.find(kid)
        if key is None:
            raise TokenRefused("The token is signed by a key that its issuer does not have.")
        try:
            claims = jwt.decode(token, key, registry=self._registry()).claims
        except _MALFORMED:
            raise TokenRefused("The token is not validly signed by its issuer.") from None
        self._check(claims)
        caller = Caller(
            issuer=self.settings.issuer,
            subject=cast("str", claims["sub"]),
            roles=_roles(claims.get(self.settings.roles_claim)),
            tenant=_tenant(claims.get(self.settings.tenant_claim)),
        )
        return VerifiedToken(caller=caller, expires_at=float(claims["exp"]))

    def _registry(self) -> jws.JWSRegistry:
        # RFC 7515 has unknown header parameters ignored; those that "crit" names are refused nevertheless.
        registry = jws.JWSRegistry(algorithms=self.settings.algorithms, strict_check_header=False)
        registry.max_header_length = _MAX_HEADER_BYTES
        return registry

    def _key_id(self, token: str) -> str:
        if len(token) > _MAX_CHARACTERS:
            raise TokenRefused(f"The token has more than {_MAX_CHARACTERS:,} characters.")
        try:
            parsed = jws.extract_compact(token.encode("ascii"), None, self._registry())
            header = dict(cast("Mapping[str, Any]", parsed.headers()))
        except _MALFORMED:
            raise TokenRefused("The token is not a signed JSON Web Token.") from None
        if header.get("alg") not in self.settings.algorithms:
            raise TokenRefused("The token is signed by an algorithm that is not accepted.")
        kind = header.get("typ", "JWT")
        if not isinstance(kind, str) or kind.lower() not in _TYPES:
            raise TokenRefused("The token is not of type JWT or at+jwt.")
        kid = header.get("kid")
        if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID:
            raise TokenRefused("The token does not name the key that signed it.")
        return kid

    def _check(self, claims: dict[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self.now()),
            leeway=self.settings.leeway_seconds,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise TokenRefused("The token has expired.") from None
        except JoseError as error:
            claim = getattr(error, "claim", "")
            raise TokenRefused(f"The token's claim {claim!r} is missing or not as it must be.") from None
        if len(cast("str", claims["sub"])) > _MAX_SUBJECT:
            raise TokenRefused(f"The token's claim 'sub' has more than {_MAX_SUBJECT} characters.")


def _roles(value: object) -> frozenset[Role]:
    """The roles that are known; others may belong to other services of the same issuer."""
    given = cast("list[object]", value) if isinstance(value, list) else []
    return frozenset(role for role in Role if role.value in given)


def _tenant(value: object) -> str | None:
    return value if isinstance(value, str) and _TENANT.fullmatch(value) else None
