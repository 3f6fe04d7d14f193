"""Tokens that this machine makes itself, for the embedded cloud: with the key of the sandbox's own issuer."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import timedelta

from infra.api.auth.local_issuer import LocalIssuer
from infra.api.auth.roles import Role
from infra.api.settings import TokenSettings
from infra.errors import UserError
from infra.sandbox.token_issuer import issuer_key
from infra.settings import Settings
from infra.spec.common import TENANT_ID_PATTERN

LONGEST = timedelta(hours=24)
_LONGEST_SUBJECT = 255
_LIFETIME = re.compile(r"(\d{1,5})([smh])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def local_token_settings() -> TokenSettings:
    """Whose tokens a service in the embedded cloud accepts; its keys are not fetched from anywhere."""
    return TokenSettings(
        issuer="https://bulkhead.local", audience="bulkhead", jwks_uri="http://127.0.0.1/", algorithms=("RS256",)
    )


def local_issuer(settings: Settings) -> LocalIssuer:
    """The issuer on this machine.

    Args:
        settings: Of the checkout.

    Raises:
        UserError: the cloud is AWS, where tokens come from an OpenID Connect issuer.
    """
    if settings.cloud != "sandbox":
        raise UserError(
            "tokens are made on this machine for the embedded cloud only",
            "ask the issuer for one that BULKHEAD_API_TOKENS__ISSUER names",
            "cloud",
        )
    return LocalIssuer(issuer_key(settings.home / "sandbox"), local_token_settings(), time.time)


def local_token(
    settings: Settings, subject: str, roles: Sequence[Role], tenant: str | None, lifetime: timedelta
) -> str:
    """A signed token.

    Args:
        settings: Of the checkout.
        subject: Whose it is.
        roles: What the bearer is.
        tenant: The tenant that the bearer administers.
        lifetime: How long it is valid; at most `LONGEST`.

    Raises:
        UserError: no service would accept such a token, or it would be valid for too long.
    """
    if not roles:
        raise UserError("the token would have no role", f"give one of {', '.join(Role)}", "--role")
    if not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise UserError("the subject is empty or too long", f"give 1 to {_LONGEST_SUBJECT} characters", "--subject")
    if (Role.TENANT_ADMIN in roles) != (tenant is not None):
        raise UserError("a tenant belongs to the role tenant-admin, and to no other", "give both or none", "--tenant")
    if tenant is not None and not re.fullmatch(TENANT_ID_PATTERN, tenant, re.ASCII):
        raise UserError(f"{tenant!r} is no tenant's id", f"give one like acme ({TENANT_ID_PATTERN})", "--tenant")
    if not timedelta() < lifetime <= LONGEST:
        raise UserError("the token would be valid for too long, or not at all", "give 1s to 24h", "--lifetime")
    return local_issuer(settings).token(subject, roles, tenant, lifetime)


def parse_lifetime(text: str) -> timedelta:
    """A duration such as ``90s``, ``30m`` or ``1h``.

    Raises:
        UserError: it is none.
    """
    found = _LIFETIME.fullmatch(text)
    if found is None:
        raise UserError(f"{text!r} is no duration", "give one like 90s, 30m or 1h", "--lifetime")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
