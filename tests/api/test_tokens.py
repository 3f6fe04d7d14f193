"""Only current tokens of the configured issuer for this audience, signed by its key, let a caller in."""

from __future__ import annotations

import hmac
from hashlib import sha256

import httpx
import pytest
from api_service import AUDIENCE, Service, bearer, problem
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from token_attacks import ATTACKS, Attack, claims, header, part, times

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("attack", "reason"), ATTACKS.values(), ids=ATTACKS.keys())
async def test_attack_is_refused(service: Service, attack: Attack, reason: str) -> None:
    """Each attack is answered with 401, the challenge and its own reason, next to a good token that is let in."""
    async with service.client() as client:
        control = await client.get("/v1/tenants")
        answer = await client.get("/v1/tenants", headers=bearer(attack(service.issuer)))
    assert control.status_code == 200
    assert reason in problem(answer, 401, "unauthenticated")["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer realm="bulkhead", error="invalid_token"'


@pytest.mark.parametrize(
    "variant",
    [
        header(typ="at+jwt"),
        header(typ=None),
        header(x_unknown="ignored"),
        claims(aud=["another-api", AUDIENCE]),
        times(exp=-29),
        times(nbf=29, iat=29),
        claims(sub="s" * 255),
    ],
    ids=[
        "access token",
        "no type",
        "unknown header",
        "one of the audiences",
        "leeway of expiry",
        "leeway of begin",
        "sub",
    ],
)
async def test_valid_variants_are_let_in(service: Service, variant: Attack) -> None:
    """What the attacks change is accepted up to the limit."""
    async with service.client() as client:
        assert (await client.get("/v1/tenants", headers=bearer(variant(service.issuer)))).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Basic {token}")],
        [("Authorization", "{token}")],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer {token}"), ("Authorization", "Bearer {token}")],
        [("Cookie", "access_token={token}")],
    ],
)
async def test_only_one_bearer_header(service: Service, headers: list[tuple[str, str]]) -> None:
    """A good token anywhere but in one header of the scheme Bearer lets nobody in; nor does one in the query."""
    token = service.issuer.token()
    sent = [(name, value.format(token=token)) for name, value in headers]
    async with service.client() as client:
        client.headers.pop("authorization")
        answer = await client.get(f"/v1/tenants?access_token={token}", headers=httpx.Headers(sent))
        control = await client.get("/v1/tenants", headers={"Authorization": f"bearer  {token}"})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith('Bearer realm="bulkhead"')
    assert control.status_code == 200


async def test_token_is_not_repeated(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """Neither an answer nor the log has a token in it."""
    token = service.issuer.token(aud="another-api")
    async with service.client() as client:
        answer = await client.get("/v1/tenants", headers=bearer(token))
    assert answer.status_code == 401
    assert token[:20] not in answer.text + caplog.text


def test_confusion_works_on_a_broken_twin(service: Service) -> None:
    """A verifier that lets the header choose HMAC takes the public key for its secret: the attack is a real one."""
    signed, _, signature = ATTACKS["HS256 by the public key in PEM"][0](service.issuer).rpartition(".")
    public = service.issuer.keys[0].as_pem(private=False)
    assert signature == part(hmac.new(public, signed.encode(), sha256).digest())


def test_key_in_header_works_on_a_broken_twin(service: Service) -> None:
    """A verifier that takes the key from the header lets a stranger's token in."""
    token = ATTACKS["a key in the header"][0](service.issuer)
    registry = jws.JWSRegistry(algorithms=["RS256"])
    registry.max_header_length = 4_096
    believed = RSAKey.import_key(jws.extract_compact(token.encode(), None, registry).headers()["jwk"])
    assert jwt.decode(token, believed, registry=registry).claims["sub"] == "ada"


@pytest.mark.parametrize(
    "name", [name for name, (_, reason) in ATTACKS.items() if "claim" in reason or "expired" in reason]
)
def test_claims_pass_a_twin_that_checks_signatures_only(service: Service, name: str) -> None:
    """A verifier that checks nothing but the signature lets every token with wrong claims in."""
    token = ATTACKS[name][0](service.issuer)
    assert jwt.decode(token, service.issuer.keys[0], algorithms=["RS256"]).claims["roles"] == ["platform-admin"]
