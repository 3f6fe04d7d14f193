"""The API with a router of examples, an issuer of tokens, and a clock that only tests move."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from example_things import Things, example_router
from fastapi import APIRouter
from joserfc import jwt
from joserfc.jwk import RSAKey
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import Engine

from infra.api.app import Parts, create_app
from infra.api.audit.trail import AuditTrail
from infra.api.auth.bearer import Authenticator
from infra.api.auth.key_cache import KeyCache
from infra.api.auth.key_fetch import FetchedKeys, fetch_keys
from infra.api.auth.tokens import TokenVerifier
from infra.api.health import Check
from infra.api.idempotency.keys import StoredKeys
from infra.api.idempotency.once import Once
from infra.api.pagination import PageTokens
from infra.api.rate_limit import RateLimiter
from infra.api.settings import ApiSettings, RateSettings, TokenSettings

ISSUER = "https://issuer.example"
AUDIENCE = "bulkhead-api"
JWKS = "https://issuer.example/jwks"
START = 1_900_000_000.0


@dataclass
class Clock:
    seconds: float = START

    def __call__(self) -> float:
        return self.seconds

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)


@dataclass
class Issuer:
    """Publishes its keys at an address, and signs with the first."""

    clock: Clock
    keys: list[RSAKey]
    fetches: int = 0
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])

    def publish(self, request: httpx.Request) -> httpx.Response:
        self.fetches += 1
        assert str(request.url) == JWKS
        keys = {"keys": [key.as_dict(private=False, use="sig", alg="RS256") for key in self.keys]}
        content = json.dumps(keys).encode() if self.body is None else self.body
        return httpx.Response(self.status, content=content, headers=self.headers)

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(self.clock())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "ada",
            "iat": now,
            "exp": now + 300,
            "roles": ["platform-admin"],
        }
        return {name: value for name, value in {**claims, **changed}.items() if value is not None}

    def token(self, **changed: Any) -> str:
        """A token by the first key, with some claims changed; None leaves one out."""
        return self.token_by(self.keys[0], **changed)

    def token_by(self, key: RSAKey, **changed: Any) -> str:
        return jwt.encode({"alg": "RS256", "kid": str(key.kid)}, self.claims(**changed), key)


@dataclass
class Service:
    """The API, and all that stands around it."""

    clock: Clock
    issuer: Issuer
    database: Engine
    things: Things = field(default_factory=Things)
    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    rate: RateSettings = field(default_factory=RateSettings)
    failure_rate: RateSettings = field(default_factory=lambda: RateSettings(per_second=1.0, burst=100))
    max_body_bytes: int = 2_000
    routers: list[APIRouter] = field(default_factory=list[APIRouter])

    @property
    def store(self) -> StoredKeys:
        return StoredKeys(self.database)

    def settings(self) -> ApiSettings:
        return ApiSettings(
            tokens=TokenSettings(issuer=ISSUER, audience=AUDIENCE, jwks_uri=JWKS),
            page_token_keys=(SecretStr("k" * 32),),
            rate=self.rate,
            failure_rate=self.failure_rate,
            max_body_bytes=self.max_body_bytes,
        )

    @asynccontextmanager
    async def client(self, role: str = "platform-admin", **claims: Any) -> AsyncGenerator[httpx.AsyncClient]:
        """A client of the API that sends a token of a role."""
        settings = self.settings()
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.issuer.publish)) as fetcher:

            async def fetch() -> FetchedKeys:
                return await fetch_keys(fetcher, JWKS)

            verifier = TokenVerifier(settings=settings.tokens, keys=KeyCache(fetch, self.clock), now=self.clock)
            authenticator = Authenticator(
                verifier=verifier,
                rate=RateLimiter(settings=settings.rate, clock=self.clock),
                failure_rate=RateLimiter(settings=settings.failure_rate, clock=self.clock),
            )
            parts = Parts(
                authenticator=authenticator,
                once=Once(self.store, self.clock.utc),
                page_tokens=PageTokens(settings.page_token_keys),
                registry=CollectorRegistry(),
                checks=self.checks,
                trail=AuditTrail(
                    store=self.database,
                    now=self.clock.utc,
                    refusals=RateLimiter(settings=settings.failure_rate, clock=self.clock),
                ),
            )
            app = create_app(settings, parts, [example_router(self.things), *self.routers])
            token = self.issuer.token(roles=[role], **claims)
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://api.test", headers=bearer(token)
            ) as client:
                yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The problem in an answer; checks that it is one, of this kind."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    document = response.json()
    assert (response.status_code, document["status"], document["type"]) == (status, status, f"/problems/{slug}")
    assert {"title", "detail", "instance", "remedy", "request_id"} <= document.keys()
    assert document["request_id"] == response.headers["x-request-id"]
    return document


def make_key() -> RSAKey:
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    return key
