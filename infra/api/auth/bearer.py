"""Authenticates a request by the token in its header ``Authorization``.

Source: RFC 6750 "The OAuth 2.0 Authorization Framework: Bearer Token Usage", sections 2.1 and 3.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from infra.api.auth.caller import Caller
from infra.api.auth.key_fetch import KeysUnreachable
from infra.api.auth.tokens import TokenRefused, TokenVerifier, VerifiedToken
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.api.rate_limit import RateLimiter, require_token

_RETRY_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Authenticator:
    """Authenticates requests.

    Attributes:
        verifier: Verifies the tokens.
        rate: Limits each caller.
        failure_rate: Limits the requests of an address that have no valid token. It is charged for those only, so that
            nobody behind the same proxy can lock out a caller who has one.
    """

    verifier: TokenVerifier
    rate: RateLimiter
    failure_rate: RateLimiter

    async def __call__(self, request: Request) -> Caller:
        """The caller of a request.

        Raises:
            ProblemError: 401 with no valid token, 429 beyond the limit, 503 when the issuer's keys are not known.
        """
        try:
            token = _token(request)
        except ProblemError:
            require_token(self.failure_rate, _address(request))
            raise
        return (await self.admit(token, _address(request))).caller

    async def admit(self, token: str, address: str) -> VerifiedToken:
        """What a token says that came by any way.

        Args:
            token: The token.
            address: The address that it came from.

        Raises:
            ProblemError: 401 where it is not valid, 429 beyond the limit, 503 when the issuer's keys are not known.
        """
        try:
            verified = await self.verifier.read(token)
        except TokenRefused as refusal:
            require_token(self.failure_rate, address)
            raise _unauthenticated(str(refusal), "invalid_token") from None
        except KeysUnreachable:
            raise ProblemError(
                Kind.UNAVAILABLE, "Tokens cannot be checked: their issuer does not answer.", retry_after=_RETRY_SECONDS
            ) from None
        require_token(self.rate, verified.caller.key)
        return verified


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _token(request: Request) -> str:
    given = request.headers.getlist("authorization")
    if not given:
        raise _unauthenticated("The request has no token.", None)
    scheme, _, token = given[0].partition(" ")
    if len(given) > 1 or scheme.lower() != "bearer" or not token.strip():
        raise _unauthenticated("The header Authorization is not one 'Bearer TOKEN'.", "invalid_request")
    return token.strip()


def _unauthenticated(detail: str, code: str | None) -> ProblemError:
    challenge = 'Bearer realm="bulkhead"' + (f', error="{code}"' if code else "")
    return ProblemError(Kind.UNAUTHENTICATED, detail, headers={"WWW-Authenticate": challenge})
