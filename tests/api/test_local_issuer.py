"""Tokens of the sandbox's own issuer are verified like any others."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from api_service import AUDIENCE, ISSUER, JWKS, Clock
from joserfc.jwk import RSAKey

from infra.api.auth.local_issuer import LocalIssuer
from infra.api.auth.roles import Role
from infra.api.auth.tokens import TokenRefused, TokenVerifier
from infra.api.settings import TokenSettings
from infra.sandbox.token_issuer import issuer_key

pytestmark = pytest.mark.anyio
SETTINGS = TokenSettings(issuer=ISSUER, audience=AUDIENCE, jwks_uri=JWKS)
HOUR = timedelta(hours=1)


async def test_the_sandboxs_key_signs(tmp_path: Path) -> None:
    """A token by the key in the sandbox's folder is read back, also when the folder is read anew."""
    clock = Clock()
    token = LocalIssuer(issuer_key(tmp_path), SETTINGS, clock).token("ada", [Role.TENANT_ADMIN], "acme", HOUR)
    keys = LocalIssuer(issuer_key(tmp_path), SETTINGS, clock)
    caller = await TokenVerifier(settings=SETTINGS, keys=keys, now=clock).verify(token)
    assert (caller.issuer, caller.subject, caller.roles, caller.tenant) == (ISSUER, "ada", {Role.TENANT_ADMIN}, "acme")


async def test_another_sandboxs_key_does_not(signing_keys: tuple[RSAKey, RSAKey]) -> None:
    """A token by another sandbox's key, one for another audience, and one after its lifetime are refused."""
    clock = Clock()
    keys = LocalIssuer(signing_keys[0], SETTINGS, clock)
    verifier = TokenVerifier(settings=SETTINGS, keys=keys, now=clock)
    good = keys.token("ada", [Role.AUDITOR], None, HOUR)
    stranger = LocalIssuer(signing_keys[1], SETTINGS, clock).token("ada", [Role.AUDITOR], None, HOUR)
    other = SETTINGS.model_copy(update={"audience": "another-api"})
    elsewhere = LocalIssuer(signing_keys[0], other, clock).token("ada", [Role.AUDITOR], None, HOUR)
    assert (await verifier.verify(good)).tenant is None
    for token in (stranger, elsewhere):
        with pytest.raises(TokenRefused):
            await verifier.verify(token)
    clock.seconds += HOUR.total_seconds() + SETTINGS.leeway_seconds
    with pytest.raises(TokenRefused, match="expired"):
        await verifier.verify(good)
