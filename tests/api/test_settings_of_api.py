"""The API's settings come from the environment; what is missing or wrong is named, and no value is repeated."""

from __future__ import annotations

import json

import httpx
import pytest
from api_service import ISSUER, Issuer, Service
from pydantic import SecretStr, ValidationError

from infra.api.auth.key_fetch import KeysUnreachable
from infra.api.connect import published_keys
from infra.api.environment import load_api_settings
from infra.api.settings import ApiSettings, TokenSettings
from infra.errors import UserError

SECRET = "s" * 40
GIVEN = {
    "BULKHEAD_API_TOKENS__ISSUER": "https://login.example",
    "BULKHEAD_API_TOKENS__AUDIENCE": "bulkhead",
    "BULKHEAD_API_TOKENS__ROLES_CLAIM": "groups",
    "BULKHEAD_API_PAGE_TOKEN_KEYS": json.dumps([SECRET]),
    "BULKHEAD_API_RATE__PER_SECOND": "3",
}


def _set(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given is taken, the rest is as usual."""
    _set(monkeypatch, GIVEN)
    found = load_api_settings()
    assert found.tokens == TokenSettings(issuer="https://login.example", audience="bulkhead", roles_claim="groups")
    assert [each.get_secret_value() for each in found.page_token_keys] == [SECRET]
    assert (found.rate.per_second, found.rate.burst, found.max_body_bytes) == (3, 40, 256 * 1024)


def test_where_the_environment_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the caller gives stands in; the environment goes before it."""
    tokens = TokenSettings(issuer="https://bulkhead.local", audience="bulkhead")
    keys = (SecretStr("k" * 32),)
    assert load_api_settings(tokens=tokens, page_token_keys=keys).tokens == tokens
    _set(monkeypatch, {"BULKHEAD_API_TOKENS__ISSUER": "https://login.example"})
    found = load_api_settings(tokens=tokens, page_token_keys=keys).tokens
    assert (found.issuer, found.audience) == ("https://login.example", "bulkhead")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"BULKHEAD_API_PAGE_TOKEN_KEYS": '["hunter2"]'}, "32 characters"),
        ({"BULKHEAD_API_TOKENS__ISSUER": "hunter2"}, "jwks_uri"),
        ({"BULKHEAD_API_TOKENS__JWKS_URI": "http://hunter2.example"}, "BULKHEAD_API_TOKENS__JWKS_URI"),
        ({"BULKHEAD_API_MAX_STREAMS": "hunter2"}, "BULKHEAD_API_MAX_STREAMS"),
    ],
)
def test_what_is_wrong_is_named(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], named: str) -> None:
    """By its variable, with a remedy; a value may be a secret."""
    _set(monkeypatch, {**GIVEN, **changed})
    with pytest.raises(UserError, match=named) as raised:
        load_api_settings()
    assert "hunter2" not in str(raised.value)
    assert "docs/api.md" in raised.value.remedy


def test_an_issuer_that_cannot_be_asked() -> None:
    """One that is no https address needs its keys' address."""
    with pytest.raises(ValidationError, match="jwks_uri"):
        TokenSettings(issuer="bulkhead", audience="a")
    assert TokenSettings(issuer="bulkhead", audience="a", jwks_uri="https://keys.example/jwks").jwks_uri


async def _keys(issuer: Issuer, document: object, status: int = 200) -> bool:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path.endswith("openid-configuration"):
            return httpx.Response(status, json=document)
        return issuer.publish(request)

    settings = ApiSettings(tokens=TokenSettings(issuer=ISSUER, audience="a"), page_token_keys=(SecretStr("k" * 32),))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        found = await published_keys(settings, client).find(str(issuer.keys[0].kid))
    assert asked[0] == f"{ISSUER}/.well-known/openid-configuration"
    return found is not None


@pytest.mark.anyio
async def test_keys_are_where_the_issuer_says(service: Service) -> None:
    """The address comes from the issuer's own document."""
    assert await _keys(service.issuer, {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/jwks"}, 200),
        ({"issuer": ISSUER, "jwks_uri": "http://evil.example/jwks"}, 200),
        ({"issuer": ISSUER, "jwks_uri": 5}, 200),
        ({"issuer": ISSUER}, 200),
        ([], 200),
        ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks"}, 302),
        ({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/jwks", "x": "y" * 300_000}, 200),
    ],
)
async def test_what_an_issuer_says_is_not_trusted_blindly(service: Service, document: object, status: int) -> None:
    """Another issuer's document, an address in the clear, a redirect, a large one: no key is fetched."""
    with pytest.raises(KeysUnreachable):
        await _keys(service.issuer, document, status)
    assert service.issuer.fetches == 0
