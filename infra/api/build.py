"""The whole API of a service from what it stands on: its database, the specs, and what answers the longer questions."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from infra.api.actions import Actions
from infra.api.app import Parts, create_app
from infra.api.audit.trail import AuditTrail, AuditUnavailable
from infra.api.auth.bearer import Authenticator
from infra.api.auth.key_cache import KeySource
from infra.api.connect import make_authenticator
from infra.api.health import Check
from infra.api.idempotency.keys import StoredKeys
from infra.api.idempotency.once import Once
from infra.api.job_metrics import JobMetrics
from infra.api.pagination import PageTokens
from infra.api.rate_limit import RateLimiter
from infra.api.reads import Reads
from infra.api.reports import Report
from infra.api.rollouts import RolloutDesk
from infra.api.routes.certificates import certificates_router
from infra.api.routes.exports import exports_router
from infra.api.routes.operations import operations_router
from infra.api.routes.platform import platform_router
from infra.api.routes.preview import preview_router
from infra.api.routes.rollout_actions import rollout_actions_router
from infra.api.routes.rollouts import rollouts_router
from infra.api.routes.service import Previewer, Service
from infra.api.routes.tenant_actions import tenant_actions_router
from infra.api.routes.tenants import tenants_router
from infra.api.settings import ApiSettings
from infra.api.specs import Specs
from infra.api.sse import Streams
from infra.gitops import SpecPlace

_SETTLE_SECONDS = 60.0
_KEY_SECONDS = 3600.0
Finder = Callable[[], Mapping[str, Any]]


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class ServiceParts:
    """What the API of a service stands on.

    Attributes:
        store: The database.
        specs: Where the tenants' specs are kept.
        platform_file: The platform's spec.
        keys: The keys that check tokens.
        preview: As `infra.provisioning.background.Background.preview`.
        check: As `infra.provisioning.background.Background.check`.
        capacity: Likewise, `capacity`.
        fleet: Likewise, `fleet`.
        rollouts: The rollouts of the fleet.
        certificate_key: Likewise, `certificate_key`.
        version_of: The version of the blueprint that a tenant runs; None where that is not known. It blocks.
        export_link: As `infra.provisioning.background.Background.export_link`.
        merged: Whether changes of specs are committed for review, and take effect when somebody merges them.
        checks: What the service needs to be ready, by name.
        registry: The figures.
        routers: Routes besides those of the API.
        utc: The time, in UTC.
        clock: Seconds on a clock that never goes back.
        authenticator: Authenticates requests; None: made from the settings and the keys.
    """

    store: Engine
    specs: SpecPlace
    platform_file: Path
    keys: KeySource
    preview: Previewer
    check: Callable[[str, bytes], None]
    capacity: Finder
    fleet: Finder
    rollouts: RolloutDesk
    certificate_key: Finder
    version_of: Callable[[str], str | None]
    export_link: Callable[[str, int], str]
    merged: bool = False
    checks: Mapping[str, Check] = field(default_factory=dict[str, Check])
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    routers: Sequence[APIRouter] = ()
    utc: Callable[[], datetime] = _utc
    clock: Callable[[], float] = time.monotonic
    authenticator: Authenticator | None = None


def build_app(settings: ApiSettings, parts: ServiceParts) -> FastAPI:
    """The API.

    What others of the service use as well, such as the console, is at ``app.state.service``.

    Args:
        settings: What the operator set.
        parts: What it stands on; whoever made it closes it.
    """
    specs = Specs(place=parts.specs, platform_file=parts.platform_file)
    once = Once(StoredKeys(parts.store), parts.utc)
    page_tokens = PageTokens(settings.page_token_keys)
    trail = AuditTrail(
        store=parts.store, now=parts.utc, refusals=RateLimiter(settings=settings.failure_rate, clock=parts.clock)
    )
    service = Service(
        actions=Actions(store=parts.store, specs=specs, merged=parts.merged),
        reads=Reads(store=parts.store, specs=specs),
        streams=Streams(store=parts.store, settings=settings, clock=parts.clock),
        once=once,
        page_tokens=page_tokens,
        preview=parts.preview,
        check=parts.check,
        fleet=Report(find=parts.fleet, seconds=settings.report_seconds, clock=parts.clock),
        rollouts=parts.rollouts,
        capacity=Report(find=parts.capacity, seconds=settings.report_seconds, clock=parts.clock),
        certificate_key=Report(find=parts.certificate_key, seconds=_KEY_SECONDS, clock=parts.clock),
        version_of=parts.version_of,
        export_link=parts.export_link,
        now=parts.utc,
        preview_seconds=settings.preview_seconds,
    )
    parts.registry.register(JobMetrics(parts.store))
    generic = Parts(
        authenticator=parts.authenticator or make_authenticator(settings, parts.keys),
        once=once,
        page_tokens=page_tokens,
        registry=parts.registry,
        checks=parts.checks,
        trail=trail,
    )
    routers = (
        tenants_router(service),
        tenant_actions_router(service),
        preview_router(service),
        operations_router(service),
        platform_router(service),
        rollouts_router(service),
        rollout_actions_router(service),
        certificates_router(service),
        exports_router(service),
        *parts.routers,
    )
    app = create_app(settings, generic, routers)
    app.state.service = service
    app.router.lifespan_context = _settling(trail)
    return app


def _settling(trail: AuditTrail) -> Callable[[FastAPI], Any]:
    """Writes the counts of refused calls while the application lives, and when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        del app
        async with anyio.create_task_group() as group:
            group.start_soon(_settle, trail)
            yield
            group.cancel_scope.cancel()
        await trail.settle()

    return lifespan


async def _settle(trail: AuditTrail) -> None:
    while True:
        await anyio.sleep(_SETTLE_SECONDS)
        try:
            await trail.settle()
        except AuditUnavailable:
            continue
