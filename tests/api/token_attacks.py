"""Attacks by tokens: each differs from a good token in one thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

from api_service import AUDIENCE, ISSUER, Issuer, make_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Attack = Callable[[Issuer], str]
ALGORITHM = "an algorithm that is not accepted"
SIGNATURE = "not validly signed"
KEY = "a key that its issuer does not have"
KEY_ID = "does not name the key"
TYPE = "not of type"
FORM = "not a signed JSON Web Token"
EXPIRED = "has expired"


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(alg: str) -> Attack:
    return lambda issuer: f"{part({'alg': alg, 'kid': issuer.keys[0].kid})}.{part(issuer.claims())}."


def hmac_with(secret: Callable[[RSAKey], bytes]) -> Attack:
    def make(issuer: Issuer) -> str:
        key = issuer.keys[0]
        signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key.kid})}.{part(issuer.claims())}"
        return f"{signed}.{part(hmac.new(secret(key), signed.encode(), hashlib.sha256).digest())}"

    return make


def claims(**changed: Any) -> Attack:
    return lambda issuer: issuer.token(**changed)


def times(**offsets: int) -> Attack:
    return lambda issuer: issuer.token(**{name: int(issuer.clock()) + offset for name, offset in offsets.items()})


def header(**changed: Any) -> Attack:
    """Signed by the right key, with another header."""

    def make(issuer: Issuer) -> str:
        given = {"alg": "RS256", "typ": "JWT", "kid": issuer.keys[0].kid, **changed}
        header = {name: value for name, value in given.items() if value is not None}
        return sign(issuer.keys[0], header, json.dumps(issuer.claims()).encode())

    return make


def content(payload: bytes) -> Attack:
    return lambda issuer: sign(issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, payload)


def sign(key: RSAKey, header: Any, payload: bytes) -> str:
    """A signature over any header and payload, also over those that the library would refuse to make."""
    signed = f"{part(header)}.{part(payload)}"
    private = key.private_key
    assert private is not None
    return f"{signed}.{part(private.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _strangers_key(issuer: Issuer) -> str:
    """Signed by another key, under the id of the issuer's."""
    stranger = make_key()
    return jwt.encode({"alg": "RS256", "kid": str(issuer.keys[0].kid)}, issuer.claims(), stranger)


def _key_in_header(issuer: Issuer) -> str:
    stranger = make_key()
    header = {"alg": "RS256", "kid": stranger.kid, "jwk": stranger.as_dict(private=False)}
    return sign(stranger, header, json.dumps(issuer.claims()).encode())


def _address_in_header(issuer: Issuer) -> str:
    stranger = make_key()
    header = {"alg": "RS256", "kid": stranger.kid, "jku": "https://evil.example/jwks"}
    return sign(stranger, header, json.dumps(issuer.claims()).encode())


def _elliptic_under_rsa_id(issuer: Issuer) -> str:
    return jwt.encode({"alg": "ES256", "kid": str(issuer.keys[0].kid)}, issuer.claims(), ECKey.generate_key("P-256"))


def _other_algorithm_of_same_key(issuer: Issuer) -> str:
    """PS256 is accepted in general, but the issuer publishes the key for RS256."""
    key = issuer.keys[0]
    return jwt.encode({"alg": "PS256", "kid": str(key.kid)}, issuer.claims(), key, algorithms=["PS256"])


def _changed_payload(issuer: Issuer) -> str:
    header, _, signature = issuer.token(roles=["auditor"]).split(".")
    return f"{header}.{part(issuer.claims())}.{signature}"


def _flipped_signature(issuer: Issuer) -> str:
    header, payload, signature = issuer.token().split(".")
    return f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


ATTACKS: dict[str, tuple[Attack, str]] = {
    "alg none": (unsigned("none"), ALGORITHM),
    "alg None": (unsigned("None"), ALGORITHM),
    "alg nOnE": (unsigned("nOnE"), ALGORITHM),
    "alg empty": (unsigned(""), ALGORITHM),
    "RS256 with no signature": (unsigned("RS256"), SIGNATURE),
    "HS256 by the public key in PEM": (hmac_with(lambda key: key.as_pem(private=False)), ALGORITHM),
    "HS256 by the public key in DER": (hmac_with(lambda key: key.as_der(private=False)), ALGORITHM),
    "HS256 by the published JSON": (hmac_with(lambda key: json.dumps(key.as_dict(private=False)).encode()), ALGORITHM),
    "HS256 by an empty secret": (hmac_with(lambda _: b""), ALGORITHM),
    "another key under the right id": (_strangers_key, SIGNATURE),
    "an elliptic key under the right id": (_elliptic_under_rsa_id, SIGNATURE),
    "an algorithm that the key is not for": (_other_algorithm_of_same_key, SIGNATURE),
    "a key in the header": (_key_in_header, KEY),
    "an address of keys in the header": (_address_in_header, KEY),
    "an unknown key's id": (header(kid="unknown"), KEY),
    "no key's id": (header(kid=None), KEY_ID),
    "an empty key's id": (header(kid=""), KEY_ID),
    "a key's id that is a path": (header(kid="../../dev/null"), KEY),
    "a key's id that is a number": (header(kid=7), KEY_ID),
    "a long key's id": (header(kid="k" * 300), KEY_ID),
    "an algorithm that is a list": (header(alg=["RS256"]), ALGORITHM),
    "RS512, which is not accepted": (header(alg="RS512"), ALGORITHM),
    "an unknown critical header": (header(crit=["exp"], exp=1), SIGNATURE),
    "critical headers that are a number": (header(crit=5), SIGNATURE),
    "an unencoded payload": (header(crit=["b64"], b64=False), SIGNATURE),
    "another type": (header(typ="logout+jwt"), TYPE),
    "a type that is a number": (header(typ=3), TYPE),
    "a header that is a list": (lambda issuer: sign(issuer.keys[0], ["alg", "kid"], b"{}"), FORM),
    "a header that is no JSON": (lambda issuer: sign(issuer.keys[0], b"{alg", b"{}"), FORM),
    "a payload that is a list": (
        lambda issuer: sign(issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, b"[]"),
        SIGNATURE,
    ),
    "a payload that is no JSON": (
        lambda issuer: sign(issuer.keys[0], {"alg": "RS256", "kid": issuer.keys[0].kid}, b"x"),
        SIGNATURE,
    ),
    "a deep payload": (content(b"[" * 5_000), SIGNATURE),
    "a changed payload": (_changed_payload, SIGNATURE),
    "a changed signature": (_flipped_signature, SIGNATURE),
    "another issuer": (claims(iss="https://evil.example"), "claim 'iss'"),
    "the issuer with a slash": (claims(iss=ISSUER + "/"), "claim 'iss'"),
    "the issuer in a list": (claims(iss=[ISSUER]), "claim 'iss'"),
    "no issuer": (claims(iss=None), "claim 'iss'"),
    "another audience": (claims(aud="another-api"), "claim 'aud'"),
    "the audience's beginning": (claims(aud=AUDIENCE[:-1]), "claim 'aud'"),
    "other audiences": (claims(aud=["a", "b"]), "claim 'aud'"),
    "an empty list of audiences": (claims(aud=[]), "claim 'aud'"),
    "an audience that is an object": (claims(aud={AUDIENCE: True}), "claim 'aud'"),
    "no audience": (claims(aud=None), "claim 'aud'"),
    "expired": (times(exp=-31), EXPIRED),
    "expired long ago": (times(exp=-86_400), EXPIRED),
    "no expiry": (claims(exp=None), "claim 'exp'"),
    "an expiry that is text": (claims(exp="2999-01-01"), "claim 'exp'"),
    "an expiry that is true": (claims(exp=True), "claim 'exp'"),
    "an expiry that is NaN": (
        lambda issuer: sign(
            issuer.keys[0],
            {"alg": "RS256", "kid": issuer.keys[0].kid},
            json.dumps(issuer.claims(exp=float("nan"))).encode(),
        ),
        "claim 'exp'",
    ),
    "not valid yet": (times(nbf=31), "claim 'nbf'"),
    "issued in the future": (times(iat=31), "claim 'iat'"),
    "no time of issue": (claims(iat=None), "claim 'iat'"),
    "no subject": (claims(sub=None), "claim 'sub'"),
    "an empty subject": (claims(sub=""), "claim 'sub'"),
    "a subject that is a number": (claims(sub=5), "claim 'sub'"),
    "a long subject": (claims(sub="s" * 256), "claim 'sub'"),
    "a long token": (claims(padding="x" * 9_000), "8,192"),
    "two parts": (lambda issuer: issuer.token().rsplit(".", 1)[0], FORM),
    "four parts": (lambda issuer: issuer.token() + ".x", FORM),
    "five parts": (lambda issuer: issuer.token() + ".x.y", FORM),
    "no token at all": (lambda _: "x", FORM),
    "dots": (lambda _: "..", FORM),
}
"""Each attack, and a part of the detail with which it is refused: it must fail by its own fault."""
