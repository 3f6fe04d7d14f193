"""Fetches an issuer's public keys over HTTP, with a limit on everything: time, size, redirects, what counts as a key.

Sources: RFC 7517 "JSON Web Key (JWK)", section 5; RFC 8725 "JSON Web Token Best Current Practices", section 3.5 (key
sizes); RFC 9111 "HTTP Caching", section 5.2.2.1 (``max-age``).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

import anyio
import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from infra.api.settings import is_safe_address

PublicKey = RSAKey | ECKey | OKPKey

_MAX_BYTES = 256 * 1024
_MAX_KEYS = 100
_MIN_RSA_BITS = 2048
_TIMEOUT_SECONDS = 5.0
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age=(\d{1,9})\s*(?:,|$)", re.IGNORECASE)


class KeysUnreachable(Exception):
    """The issuer's keys could not be fetched; the message is for the log, not for a caller."""


@dataclass(frozen=True, slots=True)
class FetchedKeys:
    """A key set as it was published.

    Attributes:
        keys: The keys that can check a signature, by their id.
        max_age_seconds: How long the issuer lets them be kept; None where it does not say.
    """

    keys: dict[str, PublicKey]
    max_age_seconds: int | None


async def fetch_keys(client: httpx.AsyncClient, address: str) -> FetchedKeys:
    """Fetches a key set.

    Args:
        client: Sends the request.
        address: The ``jwks_uri``.

    Raises:
        KeysUnreachable: No usable key set came back in time.
    """
    body, control = await _document(client, address)
    age = _MAX_AGE.search(control)
    return FetchedKeys(parse_keys(body), int(age.group(1)) if age else None)


async def discover(client: httpx.AsyncClient, issuer: str) -> str:
    """Asks an issuer where it publishes its keys.

    Source: OpenID Connect Discovery 1.0, sections 4.1 (the address) and 4.3 (the issuer in the document).

    Args:
        client: Sends the request.
        issuer: As the claim ``iss`` has it.

    Raises:
        KeysUnreachable: It does not say so in time, or what it says cannot be trusted.
    """
    address = f"{issuer.removesuffix('/')}/.well-known/openid-configuration"
    body, _ = await _document(client, address)
    try:
        document = json.loads(body)
        named, found = document["issuer"], document["jwks_uri"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise KeysUnreachable(f"{address} is no document of OpenID Connect Discovery") from None
    if named != issuer:
        raise KeysUnreachable(f"{address} is the document of another issuer")
    if not isinstance(found, str) or not is_safe_address(found):
        raise KeysUnreachable(f"{address} names no https address of its keys")
    return found


async def _document(client: httpx.AsyncClient, address: str) -> tuple[bytes, str]:
    """A document and its header Cache-Control, with a limit on time, size and redirects."""
    try:
        with anyio.fail_after(_TIMEOUT_SECONDS):
            async with client.stream("GET", address, follow_redirects=False) as response:
                if response.status_code != 200:
                    raise KeysUnreachable(f"{address} answered {response.status_code}")
                return await _bounded(response), response.headers.get("cache-control", "")
    except (httpx.HTTPError, TimeoutError) as error:
        raise KeysUnreachable(f"{address} does not answer: {type(error).__name__}") from error


def parse_keys(body: bytes) -> dict[str, PublicKey]:
    """Reads the keys of a key set that can check a signature; those of other kinds and uses are passed over.

    Args:
        body: The JSON document.

    Raises:
        KeysUnreachable: It is no key set, or two of its keys have the same id.
    """
    try:
        entries = json.loads(body)["keys"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise KeysUnreachable("the document is no JSON Web Key Set") from None
    if not isinstance(entries, list) or len(cast("list[object]", entries)) > _MAX_KEYS:
        raise KeysUnreachable(f"the document is no JSON Web Key Set of at most {_MAX_KEYS} keys")
    keys: dict[str, PublicKey] = {}
    for entry in cast("list[object]", entries):
        key = _verifying_key(entry)
        if key is None or key.kid is None:
            continue
        if key.kid in keys:
            raise KeysUnreachable(f"the key set has two keys with the id {key.kid!r}")
        keys[key.kid] = key
    return keys


async def _bounded(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _MAX_BYTES:
            raise KeysUnreachable(f"the document is larger than {_MAX_BYTES:,} bytes")
    return body


def _verifying_key(entry: object) -> PublicKey | None:
    """A public key for signatures; a shared secret (kty ``oct``) never is one."""
    fields = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
    for_signatures = fields.get("use", "sig") == "sig" and "verify" in fields.get("key_ops", ("verify",))
    if not for_signatures or not isinstance(fields.get("kid"), str):
        return None
    try:
        key = JWKRegistry.import_key(fields)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    weak = isinstance(key, RSAKey) and key.raw_value.key_size < _MIN_RSA_BITS
    return key if isinstance(key, PublicKey) and not weak else None
