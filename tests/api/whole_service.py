"""The service's own API over a real database and real spec files, with an issuer and clocks that only tests move."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
from api_service import AUDIENCE, ISSUER, JWKS, START, Clock, Issuer, bearer
from fastapi import FastAPI
from pydantic import SecretStr
from rollout_fleet import RolloutFleet
from sqlalchemy import Engine

from infra.api.auth.bearer import Authenticator
from infra.api.auth.key_cache import KeyCache
from infra.api.auth.key_fetch import FetchedKeys, fetch_keys
from infra.api.auth.tokens import TokenVerifier
from infra.api.build import ServiceParts, build_app
from infra.api.rate_limit import RateLimiter
from infra.api.routes.service import Previewer, Service
from infra.api.settings import ApiSettings, RateSettings, TokenSettings
from infra.api.specs import data_of
from infra.gitops import FolderSpecs, SpecPlace
from infra.lifecycle.failures import Failure, FailureClass
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import Change, Condition, begin_step, end_step, fail
from infra.settings import ROOT
from infra.store import audit_log, changes, operations
from infra.store.audit_log import AuditEntry
from infra.store.database import reading, transaction

MANY = RateSettings(per_second=1e6, burst=1_000_000)

PREVIEW: Mapping[str, Any] = {
    "tenant": "acme",
    "outcome": "succeeded",
    "error": "",
    "resources": [],
    "unchanged": 62,
    "before_usd": 1.0,
    "after_usd": 2.0,
    "verdict": "Proved",
    "verdict_reason": "",
    "gained": [
        {"owner": one, "principal": f"arn:{one}", "may": "read", "of": other, "resource": f"arn:{other}", "via": ""}
        for one, other in (("acme", "acme"), ("acme", "the platform"), ("globex", "acme"), ("globex", "globex"))
    ],
    "lost": [],
    "warnings": [],
}


def new_tenant(tenant: str, cidr: str = "10.64.7.0/24", **changed: Any) -> dict[str, Any]:
    """The spec of a tenant of tier pool without models."""
    return {
        "id": tenant,
        "display_name": tenant.title(),
        "owner": f"lead@{tenant}.example",
        "tier": "pool",
        "region": "eu-central-1",
        "data_residency": ["eu-central-1"],
        "cost_center": f"{tenant}-1",
        "monthly_budget": {"limit_usd": 100.0, "contacts": [f"finops@{tenant}.example"]},
        "network": {"cell": "main", "cidr": cidr},
        "identity": {
            "deploy": {"repository": f"{tenant}/models", "environment": "production"},
            "data_scientists": f"{tenant}-ds",
        },
        **changed,
    }


@dataclass
class Whole:
    """The service, and all that stands around it."""

    store: Engine
    folder: Path
    issuer: Issuer
    rate: RateSettings = MANY
    failure_rate: RateSettings = MANY
    heartbeat_seconds: float = 15.0
    stream_seconds: float = 0.05
    merged: bool = False
    clock: Callable[[], float] = time.monotonic
    place: SpecPlace | None = None
    preview: Previewer | None = None
    asked: list[tuple[str, bytes | None]] = field(default_factory=list[tuple[str, bytes | None]])
    found: int = 0
    operations: dict[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self.specs = self.folder / "specs"
        self.platform = self.folder / "platform.yaml"
        if not self.specs.exists():
            shutil.copytree(ROOT / "tenant_stacks" / "specs", self.specs)
            shutil.copy(ROOT / "stacks" / "platform.yaml", self.platform)
        self._app: FastAPI | None = None
        self.fleet = RolloutFleet(self.folder / "home", self.issuer.clock.utc)

    @property
    def app(self) -> FastAPI:
        """The application, built once."""
        if self._app is None:
            self._app = self._built()
        return self._app

    @property
    def service(self) -> Service:
        """What the routes work with."""
        return self.app.state.service

    def _built(self) -> FastAPI:
        settings = ApiSettings(
            tokens=TokenSettings(issuer=ISSUER, audience=AUDIENCE, jwks_uri=JWKS),
            page_token_keys=(SecretStr("k" * 32),),
            rate=self.rate,
            failure_rate=self.failure_rate,
            max_body_bytes=100_000,
            stream_seconds=self.stream_seconds,
            heartbeat_seconds=self.heartbeat_seconds,
        )
        clock: Clock = self.issuer.clock
        transport = httpx.MockTransport(self.issuer.publish)

        async def fetch() -> FetchedKeys:
            async with httpx.AsyncClient(transport=transport) as client:
                return await fetch_keys(client, JWKS)

        keys = KeyCache(fetch, clock)
        authenticator = Authenticator(
            verifier=TokenVerifier(settings=settings.tokens, keys=keys, now=clock),
            rate=RateLimiter(settings=settings.rate, clock=clock),
            failure_rate=RateLimiter(settings=settings.failure_rate, clock=clock),
        )
        parts = ServiceParts(
            store=self.store,
            specs=self.place or FolderSpecs(self.specs),
            platform_file=self.platform,
            keys=keys,
            preview=self.preview or self._preview,
            check=self._check,
            capacity=self._report,
            fleet=self._report,
            rollouts=self.fleet.desk,
            certificate_key=lambda: {"pem": "-----BEGIN PUBLIC KEY-----"},
            version_of=lambda tenant: f"1.0.0+{tenant}",
            export_link=lambda url, seconds: f"https://links.test/{url}?X-Amz-Signature=secret&seconds={seconds}",
            merged=self.merged,
            utc=clock.utc,
            clock=self.clock,
            authenticator=authenticator,
        )
        return build_app(settings, parts)

    def _preview(self, tenant: str, content: bytes | None, timeout: float) -> Mapping[str, Any]:
        assert timeout > 0
        self.asked.append((tenant, content))
        return {**PREVIEW, "tenant": tenant}

    def _check(self, tenant: str, content: bytes) -> None:
        self.asked.append((tenant, content))

    def _report(self) -> Mapping[str, Any]:
        self.found += 1
        return {"found": self.found}

    @asynccontextmanager
    async def client(
        self, role: str | None = "platform-admin", tenant: str | None = None, **claims: Any
    ) -> AsyncGenerator[httpx.AsyncClient]:
        """A client that sends a token of a role, or none."""
        headers = {} if role is None else bearer(self.issuer.token(roles=[role], tenant=tenant, **claims))
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=headers) as client:
            yield client

    def log(self) -> list[AuditEntry]:
        """The audit log."""
        with reading(self.store) as connection:
            return audit_log.entries(connection, limit=10_000)

    def end_operation(self, operation: str) -> None:
        """Does what a worker does: all steps of an operation, to its end."""
        for step in self._steps(operation):
            self._move(operation, begin_step, step)
            self._move(operation, end_step, step)

    def fail_operation(self, operation: str, fails: str) -> None:
        """Does what a worker does up to a step, which fails and is not undone."""
        for step in takewhile(lambda each: each != fails, self._steps(operation)):
            self._move(operation, begin_step, step)
            self._move(operation, end_step, step)
        self._move(operation, begin_step, fails)
        self._move(operation, _fail, fails)

    def _steps(self, operation: str) -> list[str]:
        with reading(self.store) as connection:
            return [step.name for step in operations.get(connection, operation).operation.steps]

    def _move(self, operation: str, how: Callable[[Operation, Condition, str], Change], step: str) -> None:
        now = datetime.fromtimestamp(START, UTC)
        with transaction(self.store) as connection:
            changes.move(connection, operation, lambda one, condition: how(one, condition, step), now)

    def write(self, tenant: str, text: str) -> None:
        """Edits a spec's file by hand."""
        (self.specs / f"{tenant}.yaml").write_text(text)

    def spec_of(self, tenant: str) -> str:
        """A spec's file."""
        return (self.specs / f"{tenant}.yaml").read_text()


def _fail(operation: Operation, condition: Condition, step: str) -> Change:
    failure = Failure(
        operation=operation.kind, step=step, failure_class=FailureClass.CONFLICT, message="in use", remedy="wait"
    )
    return fail(operation, condition, failure)


async def adopted(whole: Whole, *names: str) -> dict[str, str]:
    """Takes over the tenants that have spec files, as active; returns the operation that did, of each."""
    found: dict[str, str] = {}
    async with whole.client() as client:
        for name in names:
            data = dict(data_of(name, (whole.specs / f"{name}.yaml").read_bytes()))
            answer = await client.post("/v1/tenants", json=data)
            assert answer.status_code == 202, answer.text
            found[name] = answer.json()["id"]
            whole.end_operation(found[name])
    return found
