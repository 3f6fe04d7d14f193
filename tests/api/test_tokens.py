"""Only current tokens of the configured issuer for this audience, signed by its key, let a caller in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from api_service import AUDIENCE, ISSUER, Issuer, Service, bearer, make_key, problem
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

pytestmark = pytest.mark.anyio
Attack = Callable[[Issuer], str]


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unsigned(alg: str) -> Attack:
    return lambda issuer: f"{_part({'alg': alg, 'kid': issuer.keys[0].kid})}.{_part(issuer.claims())}."


def _hmac_with(secret: Callable[[RSAKey], bytes]) -> Attack:
    def make(issuer: Issuer) -> str:
        key = issuer.keys[0]
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': key.kid})}.{_part(issuer.claims())}"
        return f"{signed}.{_part(hmac.new(secret(key), signed.encode(), hashlib.sha256).digest())}"

    return make


def _claims(**changed: Any) -> Attack:
    return lambda issuer: issuer.token(**changed)


def _times(**offsets: int) -> Attack:
    return lambda issuer: issuer.token(**{name: int(issuer.clock()) + offset for name, offset in offsets.items()})


def _header(**changed: Any) -> Attack:
    """Signed by the right key, with another header."""

    def make(issuer: Issuer) -> str:
        given = {"alg": "RS256", "typ": "JWT", "kid": issuer.keys[0].kid, **changed}
        header = {name: value for name, value in given.items() if value is not None}
        return _sign(issuer.keys[0], header, json.dumps(issuer.claims()).encode())

    return make


def _payload(payload: bytes) -> Attack:
    return lambda issuer: _sign(issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, payload)


def _sign(key: RSAKey, header: Any, payload: bytes) -> str:
    """A signature over any header and payload, also over those that the library would refuse to make."""
    signed = f"{_part(header)}.{_part(payload)}"
    return f"{signed}.{_part(key.private_key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _strangers_key(issuer: Issuer) -> str:
    """Signed by another key, under the id of the issuer's."""
    stranger = make_key()
    return jwt.encode({"alg": "RS256", "kid": str(issuer.keys[0].kid)}, issuer.claims(), stranger)


def _key_in_header(issuer: Issuer) -> str:
    stranger = make_key()
    header = {"alg": "RS256", "kid": stranger.kid, "jwk": stranger.as_dict(private=False)}
    return _sign(stranger, header, json.dumps(issuer.claims()).encode())


def _address_in_header(issuer: Issuer) -> str:
    stranger = make_key()
    header = {"alg": "RS256", "kid": stranger.kid, "jku": "https://evil.example/jwks"}
    return _sign(stranger, header, json.dumps(issuer.claims()).encode())


def _elliptic_under_rsa_id(issuer: Issuer) -> str:
    return jwt.encode({"alg": "ES256", "kid": str(issuer.keys[0].kid)}, issuer.claims(), ECKey.generate_key("P-256"))


def _other_algorithm_of_same_key(issuer: Issuer) -> str:
    """PS256 is accepted in general, but the issuer publishes the key for RS256."""
    key = issuer.keys[0]
    return jwt.encode({"alg": "PS256", "kid": str(key.kid)}, issuer.claims(), key, algorithms=["PS256"])


def _changed_payload(issuer: Issuer) -> str:
    header, _, signature = issuer.token(roles=["auditor"]).split(".")
    return f"{header}.{_part(issuer.claims())}.{signature}"


def _flipped_signature(issuer: Issuer) -> str:
    header, payload, signature = issuer.token().split(".")
    return f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


ATTACKS: dict[str, Attack] = {
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "alg nOnE": _unsigned("nOnE"),
    "alg empty": _unsigned(""),
    "RS256 with no signature": _unsigned("RS256"),
    "HS256 by the public key in PEM": _hmac_with(lambda key: key.as_pem(private=False)),
    "HS256 by the public key in DER": _hmac_with(lambda key: key.as_der(private=False)),
    "HS256 by the published JSON": _hmac_with(lambda key: json.dumps(key.as_dict(private=False)).encode()),
    "HS256 by an empty secret": _hmac_with(lambda _: b""),
    "another key under the right id": _strangers_key,
    "an elliptic key under the right id": _elliptic_under_rsa_id,
    "an algorithm that the key is not for": _other_algorithm_of_same_key,
    "a key in the header": _key_in_header,
    "an address of keys in the header": _address_in_header,
    "an unknown key's id": _header(kid="unknown"),
    "no key's id": _header(kid=None),
    "an empty key's id": _header(kid=""),
    "a key's id that is a path": _header(kid="../../dev/null"),
    "a key's id that is a number": _header(kid=7),
    "a long key's id": _header(kid="k" * 300),
    "an algorithm that is a list": _header(alg=["RS256"]),
    "RS512, which is not accepted": _header(alg="RS512"),
    "an unknown critical header": _header(crit=["exp"], exp=1),
    "critical headers that are a number": _header(crit=5),
    "an unencoded payload": _header(crit=["b64"], b64=False),
    "another type": _header(typ="logout+jwt"),
    "a type that is a number": _header(typ=3),
    "a header that is a list": lambda issuer: _sign(issuer.keys[0], ["alg", "kid"], b"{}"),
    "a header that is no JSON": lambda issuer: _sign(issuer.keys[0], b"{alg", b"{}"),
    "a payload that is a list": lambda issuer: _sign(
        issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, b"[]"
    ),
    "a payload that is no JSON": lambda issuer: _sign(
        issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, b"x"
    ),
    "a deep payload": _payload(b"[" * 5_000),
    "a changed payload": _changed_payload,
    "a changed signature": _flipped_signature,
    "another issuer": _claims(iss="https://evil.example"),
    "the issuer with a slash": _claims(iss=ISSUER + "/"),
    "the issuer in a list": _claims(iss=[ISSUER]),
    "no issuer": _claims(iss=None),
    "another audience": _claims(aud="another-api"),
    "the audience's beginning": _claims(aud=AUDIENCE[:-1]),
    "other audiences": _claims(aud=["a", "b"]),
    "an empty list of audiences": _claims(aud=[]),
    "an audience that is an object": _claims(aud={AUDIENCE: True}),
    "no audience": _claims(aud=None),
    "expired": _times(exp=-31),
    "expired long ago": _times(exp=-86_400),
    "no expiry": _claims(exp=None),
    "an expiry that is text": _claims(exp="2999-01-01"),
    "an expiry that is true": _claims(exp=True),
    "an expiry that is NaN": lambda issuer: _sign(
        issuer.keys[0],
        {"alg": "RS256", "kid": issuer.keys[0].kid},
        json.dumps(issuer.claims(exp=float("nan"))).encode(),
    ),
    "not valid yet": _times(nbf=31),
    "issued in the future": _times(iat=31),
    "no time of issue": _claims(iat=None),
    "no subject": _claims(sub=None),
    "an empty subject": _claims(sub=""),
    "a subject that is a number": _claims(sub=5),
    "a long subject": _claims(sub="s" * 256),
    "a long token": _claims(padding="x" * 9_000),
    "two parts": lambda issuer: issuer.token().rsplit(".", 1)[0],
    "four parts": lambda issuer: issuer.token() + ".x",
    "five parts": lambda issuer: issuer.token() + ".x.y",
    "no token at all": lambda _: "x",
    "dots": lambda _: "..",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
async def test_attack_is_refused(service: Service, attack: Attack) -> None:
    """Each attack is answered with 401 and the challenge, next to a token of the same service that is let in."""
    async with service.client() as client:
        control = await client.get("/v1/tenants")
        answer = await client.get("/v1/tenants", headers=bearer(attack(service.issuer)))
    assert control.status_code == 200
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="bulkhead", error="invalid_token"'


@pytest.mark.parametrize(
    "variant",
    [
        _header(typ="at+jwt"),
        _header(typ=None),
        _header(x_unknown="ignored"),
        _claims(aud=["another-api", AUDIENCE]),
        _times(exp=-29),
        _times(nbf=29, iat=29),
        _claims(sub="s" * 255),
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
