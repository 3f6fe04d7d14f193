"""The issuer's keys: rotation is followed, fetches are bounded in number and in size, bad key sets are not used."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest
from api_service import JWKS, Service, bearer, make_key, problem
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import ValidationError

from infra.api.auth.key_fetch import KeysUnreachable, fetch_keys, parse_keys
from infra.api.settings import TokenSettings

pytestmark = pytest.mark.anyio


async def _status(client: httpx.AsyncClient, token: str) -> int:
    return (await client.get("/v1/tenants", headers=bearer(token))).status_code


async def test_keys_are_fetched_once(service: Service) -> None:
    """Many requests at once cause one fetch."""
    async with service.client() as client, anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(client.get, "/v1/tenants")
    assert service.issuer.fetches == 1


async def test_a_new_key_is_followed(service: Service, signing_keys: tuple[RSAKey, RSAKey]) -> None:
    """A token by a key that the issuer has just added is accepted; so is the old key's while it is published."""
    old, new = signing_keys
    async with service.client() as client:
        assert await _status(client, service.issuer.token_by(old)) == 200
        service.clock.seconds += 11
        service.issuer.keys = [new, old]
        assert await _status(client, service.issuer.token_by(new)) == 200
        assert await _status(client, service.issuer.token_by(old)) == 200
    assert service.issuer.fetches == 2


async def test_a_withdrawn_key_stops_working(service: Service, signing_keys: tuple[RSAKey, RSAKey]) -> None:
    """A key that the issuer has withdrawn is refused once the cached set is no longer fresh, not before."""
    old, new = signing_keys
    async with service.client() as client:
        assert await _status(client, service.issuer.token_by(old)) == 200
        service.issuer.keys = [new]
        service.clock.seconds += 599
        assert await _status(client, service.issuer.token_by(old)) == 200
        service.clock.seconds += 1
        assert await _status(client, service.issuer.token_by(old)) == 401


async def test_unknown_keys_do_not_drive_fetches(service: Service, signing_keys: tuple[RSAKey, RSAKey]) -> None:
    """A flood of tokens that name unknown keys causes one fetch in ten seconds."""
    async with service.client() as client:
        for _ in range(20):
            assert await _status(client, service.issuer.token_by(signing_keys[1])) == 401
        assert service.issuer.fetches == 1
        service.clock.seconds += 10
        assert await _status(client, service.issuer.token_by(signing_keys[1])) == 401
    assert service.issuer.fetches == 2


@pytest.mark.parametrize(
    ("control", "seconds"), [("max-age=120", 120), ("public, max-age=1", 60), ("max-age=999999", 3600)]
)
async def test_max_age_is_kept_within_limits(service: Service, control: str, seconds: int) -> None:
    """Keys are kept for as long as the issuer says, between a minute and an hour."""
    service.issuer.headers["Cache-Control"] = control
    async with service.client() as client:
        await _status(client, service.issuer.token())
        service.clock.seconds += seconds - 1
        await _status(client, service.issuer.token())
        assert service.issuer.fetches == 1
        service.clock.seconds += 1
        await _status(client, service.issuer.token())
    assert service.issuer.fetches == 2


async def test_issuer_down(service: Service) -> None:
    """While the issuer is down known keys go on working for four hours; then, as at the start, the answer is 503."""
    async with service.client() as client:
        assert await _status(client, service.issuer.token()) == 200
        service.issuer.status = 500
        service.clock.seconds += 14_399
        assert await _status(client, service.issuer.token()) == 200
        service.clock.seconds += 1
        answer = await client.get("/v1/tenants", headers=bearer(service.issuer.token()))
        problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "10"
        service.issuer.status = 200
        service.clock.seconds += 10
        assert await _status(client, service.issuer.token()) == 200


async def test_issuer_down_at_the_start(service: Service) -> None:
    """Before any key is known a token is neither accepted nor refused."""
    service.issuer.status = 503
    async with service.client() as client:
        problem(await client.get("/v1/tenants"), 503, "unavailable")
        problem(await client.get("/v1/tenants"), 503, "unavailable")
    assert service.issuer.fetches == 1


def _jwk(key: RSAKey | ECKey | OctKey, **changed: Any) -> dict[str, Any]:
    return {**key.as_dict(private=isinstance(key, OctKey)), "kid": "one", **changed}


def _keys(*entries: object, padding: int = 0) -> bytes:
    return json.dumps({"keys": entries, "padding": "x" * padding}).encode()


BAD_SETS: dict[str, Callable[[RSAKey], bytes]] = {
    "too large": lambda key: _keys(_jwk(key), padding=300_000),
    "HTML": lambda _: b"<html>",
    "a list": lambda _: b"[]",
    "keys that are a number": lambda _: b'{"keys": 5}',
    "deep": lambda _: b"[" * 100_000,
    "two of one id": lambda key: _keys(_jwk(key), _jwk(key)),
    "too many": lambda key: _keys(*(_jwk(key, kid=str(number)) for number in range(101))),
}


@pytest.mark.parametrize("body", BAD_SETS.values(), ids=BAD_SETS.keys())
async def test_bad_key_sets_are_not_used(service: Service, body: Callable[[RSAKey], bytes]) -> None:
    """A document that is no key set, or an ambiguous or huge one, is as good as none."""
    key = service.issuer.keys[0]
    service.issuer.body = body(key)
    async with service.client() as client:
        problem(await client.get("/v1/tenants"), 503, "unavailable")


async def test_a_good_key_set_is_used(service: Service) -> None:
    """The control of the bad ones: a hundred keys, one of them the signer's."""
    key = service.issuer.keys[0]
    others = (_jwk(key, kid=str(number)) for number in range(99))
    service.issuer.body = _keys(_jwk(key, kid=key.kid), *others, padding=100_000)
    async with service.client() as client:
        assert (await client.get("/v1/tenants")).status_code == 200


@pytest.mark.filterwarnings("ignore:Key size")
def test_only_public_signature_keys_are_taken(signing_keys: tuple[RSAKey, RSAKey]) -> None:
    """Secrets, keys for encryption, short keys, keys with no id and unknown kinds are passed over."""
    good = signing_keys[0]
    entries = [
        _jwk(good, kid="good"),
        _jwk(ECKey.generate_key("P-256"), kid="elliptic"),
        _jwk(OctKey.generate_key(256), kid="secret"),
        _jwk(good, kid="encryption", use="enc"),
        _jwk(good, kid="wrapping", key_ops=["wrapKey"]),
        _jwk(RSAKey.generate_key(1024), kid="short"),
        _jwk(good, kid=None),
        _jwk(good, kid=5),
        _jwk(good, kid="broken", n="!"),
        {"kty": "future", "kid": "future"},
        "text",
    ]
    assert parse_keys(json.dumps({"keys": entries}).encode()).keys() == {"good", "elliptic"}


async def test_redirects_are_not_followed() -> None:
    """The issuer's address cannot send the service elsewhere."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(302, headers={"Location": "http://169.254.169.254/"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        with pytest.raises(KeysUnreachable, match="302"):
            await fetch_keys(client, JWKS)
    assert asked == [JWKS]


async def test_no_connection() -> None:
    """A connection that fails is an issuer that does not answer."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        with pytest.raises(KeysUnreachable, match="ConnectError"):
            await fetch_keys(client, JWKS)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"jwks_uri": "http://issuer.example/jwks"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": "https://user:pass@issuer.example"}, "jwks_uri"),
        ({"algorithms": ("HS256",)}, "algorithms"),
        ({"algorithms": ("none",)}, "algorithms"),
        ({"algorithms": ()}, "algorithms"),
        ({"issuer": ""}, "issuer"),
    ],
)
def test_unsafe_settings_are_refused(changed: dict[str, Any], named: str) -> None:
    """Settings that would let tokens be forged are refused, next to those that are safe."""
    safe = {"issuer": "https://issuer.example", "audience": "api", "jwks_uri": JWKS}
    TokenSettings.model_validate(safe)
    TokenSettings.model_validate({**safe, "jwks_uri": "http://127.0.0.1:8080/jwks"})
    with pytest.raises(ValidationError, match=named):
        TokenSettings.model_validate({**safe, **changed})


def test_two_keys_differ() -> None:
    """The helper makes another key each time, so that a stranger's is one."""
    assert make_key().kid != make_key().kid
