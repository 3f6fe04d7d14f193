"""Verifies the OpenID Connect token that a caller shows in place of a signature, as STS does.

The signature is checked by the key of the sandbox's own issuer (`infra.sandbox.token_issuer`), which stands for that of
every provider; issuer, audience and times are checked against the provider that is registered in IAM.
Sources: AWS STS API Reference, "AssumeRoleWithWebIdentity"; IAM User Guide, "Available keys for AWS OIDC federation",
"Create an OpenID Connect (OIDC) identity provider in IAM", "Pass session tags in AWS STS" (tags in OIDC tokens).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from moto.iam.models import OpenIDConnectProvider, iam_backends

from infra.sandbox.enforcement.refusals import CredentialsRefused, Failure
from infra.sandbox.moto_extensions.sts_sessions import PARTITION
from infra.sandbox.token_issuer import ALGORITHM

_MAX_TOKEN = 20_000
_MAX_AGE_SECONDS = 86_400
_GITHUB = "token.actions.githubusercontent.com"
_GITHUB_CLAIMS = (
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
)
_TAGS_CLAIM = "https://aws.amazon.com/tags"
_SOURCE_IDENTITY_CLAIM = "https://aws.amazon.com/source_identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebIdentity:
    """Who a token says that its bearer is.

    Attributes:
        provider: The ARN of the identity provider in IAM.
        subject: The claim ``sub``.
        audience: The client id that the token is for.
        trust_keys: Condition keys for the role's trust policy, such as ``HOST:repository``.
        session_keys: Those of them that the session keeps.
        tags: Session tags that the token asks for.
        transitive: Keys of those that are transitive.
        source_identity: The source identity that it sets.
    """

    provider: str
    subject: str
    audience: str
    trust_keys: Mapping[str, str]
    session_keys: Mapping[str, str]
    tags: Mapping[str, str]
    transitive: tuple[str, ...]
    source_identity: str | None


def verify_token(token: str, account: str, key: RSAKey, now: datetime) -> WebIdentity:
    """Checks a token, and reads it.

    Args:
        token: As it came, a signed JWT.
        account: The account of the role that is to be assumed, where the provider must be registered.
        key: The issuer's key.
        now: The time, with a time zone.

    Raises:
        CredentialsRefused: It is not a valid token of a registered provider.
    """
    if len(token) > _MAX_TOKEN:
        raise _invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        raise _invalid("The ID Token provided is not a valid JWT, or its signature is not the provider's.") from None
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not subject:
        raise _invalid("Missing a required claim: iss, sub")
    provider = _provider(issuer, account)
    audience = _audience(claims, provider)
    _check_times(claims, now)
    host = issuer.removeprefix("https://")
    session_keys = {f"{host}:aud": audience, f"{host}:sub": subject}
    tags, transitive = _tags(claims)
    return WebIdentity(
        provider=provider.arn,
        subject=subject,
        audience=audience,
        trust_keys={**session_keys, **_extra_keys(host, claims)},
        session_keys=session_keys,
        tags=tags,
        transitive=transitive,
        source_identity=_text_or_none(claims.get(_SOURCE_IDENTITY_CLAIM)),
    )


def _provider(issuer: str, account: str) -> OpenIDConnectProvider:
    registered = iam_backends[account][PARTITION].open_id_providers.values() if account in iam_backends else ()
    for provider in registered:
        if issuer == f"https://{provider.url}":
            return provider
    raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")


def _audience(claims: Mapping[str, Any], provider: OpenIDConnectProvider) -> str:
    """The client that the token was made for: the authorised party where there is one, else the audience."""
    given = claims.get("aud")
    audiences: list[object] = cast("list[object]", given) if isinstance(given, list) else [given]
    if len(audiences) > 1 and not claims.get("azp"):
        raise _invalid("Incorrect token audience: a token for several audiences must name its authorized party")
    chosen = claims.get("azp") or audiences[0] if audiences else None
    if not isinstance(chosen, str) or chosen not in provider.client_id_list:
        raise _invalid("Incorrect token audience")
    return chosen


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    moment = now.timestamp()
    times = {name: claims.get(name) for name in ("exp", "iat", "nbf")}
    for name, value in times.items():
        absent = value is None and name == "nbf"
        if not absent and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise _invalid(f"Missing a required claim: {name}")
    expires, issued, begins = times["exp"], times["iat"], times["nbf"]
    if moment >= cast("float", expires):
        raise CredentialsRefused(
            Failure.EXPIRED_IDENTITY_TOKEN,
            "Token expired: current date/time must be before the expiration date/time",
        )
    if moment - cast("float", issued) > _MAX_AGE_SECONDS:
        raise _invalid("The ID Token provided was issued more than 24 hours ago")
    latest = max(cast("float", issued), cast("float", begins or 0))
    if latest > moment + 300:
        raise _invalid("The ID Token provided is not valid yet")


def _extra_keys(host: str, claims: Mapping[str, Any]) -> dict[str, str]:
    keys: dict[str, str] = {}
    if claims.get("azp"):
        given = claims.get("aud")
        keys[f"{host}:oaud"] = str(cast("list[object]", given)[0] if isinstance(given, list) else given)
    if host == _GITHUB:
        keys |= {f"{host}:{name}": str(claims[name]) for name in _GITHUB_CLAIMS if claims.get(name)}
    return keys


def _tags(claims: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    given = claims.get(_TAGS_CLAIM)
    if not isinstance(given, dict):
        return {}, ()
    asked = cast("dict[str, Any]", given)
    try:
        tags = {str(name): str(values[0]) for name, values in asked["principal_tags"].items()}
        transitive = tuple(str(name) for name in asked.get("transitive_tag_keys") or ())
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _invalid(f"The claim {_TAGS_CLAIM} is malformed") from None
    return tags, transitive


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _invalid(message: str) -> CredentialsRefused:
    return CredentialsRefused(Failure.INVALID_IDENTITY_TOKEN, message)
