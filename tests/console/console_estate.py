"""An estate in many states, made by the store's and the lifecycle's own functions, and a console over it."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
from anyio.from_thread import BlockingPortal, start_blocking_portal
from console_documents import CAPACITY, FLEET, HOSTILE
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.routing import Mount

from infra.api.actions import Actions
from infra.api.auth.bearer import Authenticator
from infra.api.auth.local_issuer import LocalIssuer
from infra.api.auth.roles import Role
from infra.api.auth.tokens import TokenVerifier
from infra.api.rate_limit import RateLimiter
from infra.api.settings import RateSettings, TokenSettings
from infra.api.specs import Specs
from infra.console.app import console_app
from infra.console.parts import ConsoleParts
from infra.console.visit import Desk
from infra.gitops import FolderSpecs
from infra.gitops.patching import new_spec
from infra.lifecycle.failures import Failure, FailureClass
from infra.lifecycle.operations import Operation
from infra.lifecycle.progress import Change, Condition, advance, begin_step, cancel, end_step, fail
from infra.lifecycle.states import OperationKind
from infra.store import audit_log, changes
from infra.store.changes import Asked
from infra.store.database import open_store, reading, sqlite_url, transaction
from infra.store.erasures import StoredCertificate, keep_certificate
from infra.store.ids import new_id
from infra.store.operations import get
from tests.api.rollout_fleet import RolloutFleet

PLATFORM = Path(__file__).parents[2] / "stacks" / "platform.yaml"
#: A rollout whose second wave waits for its approval; the wave before is upgraded.
WAITING = {"to": "1.1.0", "canaries": ["t000"], "shares": [50], "tolerated": 2, "approval": "after the first"}
START = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
TOKENS = TokenSettings(issuer="https://issuer.example", audience="bulkhead", jwks_uri="https://issuer.example/jwks")


@dataclass
class Clock:
    """A clock that goes on by a second each time that something is done."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def tick(self, seconds: float = 1) -> datetime:
        self.at += timedelta(seconds=seconds)
        return self.at


def spec_of(tenant: str, name: str = "", **changed: Any) -> dict[str, Any]:
    return {
        "id": tenant,
        "display_name": name or f"{tenant.title()} Diagnostics",
        "owner": f"ml-lead@{tenant}.example",
        "tier": "pool",
        "region": "eu-central-1",
        "data_residency": ["eu-central-1", "eu-west-1"],
        "compliance": ["gdpr"],
        "cost_center": f"{tenant}-4711",
        "monthly_budget": {"limit_usd": 900, "contacts": [f"finops@{tenant}.example"]},
        "network": {"cell": "main", "cidr": "10.64.0.0/24"},
        "identity": {
            "deploy": {"repository": f"{tenant}/tumour-model", "environment": "production"},
            "data_scientists": f"{tenant}-data-scientists",
        },
        "models": [
            {
                "name": "tumour",
                "framework": "sklearn",
                "image_tag": "1.0.0",
                "artifact": {"key": "tumour/1/model.tar.gz"},
                "instance_type": "ml.m5.large",
                "instances": {"min": 2, "max": 4},
            }
        ],
        **changed,
    }


@dataclass
class Estate:
    """The store, and the ways to make tenants in it."""

    store: Engine
    folder: Path
    clock: Clock = field(default_factory=Clock)

    def request(self, tenant: str, name: str = "", **changed: Any) -> str:
        """A tenant whose onboarding waits; the id of its operation."""
        self.write_spec(tenant, name, **changed)
        with transaction(self.store) as connection:
            asked = self._asked("ada")
            changes.request_tenant(connection, tenant, json.dumps(spec_of(tenant, name, **changed)), asked)
        return asked.operation

    def write_spec(self, tenant: str, name: str = "", **changed: Any) -> None:
        """The tenant's file."""
        (self.folder / f"{tenant}.yaml").write_bytes(new_spec(spec_of(tenant, name, **changed)))

    def start(self, tenant: str, kind: OperationKind, caller: str = "grace") -> str:
        """An operation that waits."""
        with transaction(self.store) as connection:
            asked = self._asked(caller)
            changes.start(connection, tenant, kind, asked)
        return asked.operation

    def run(self, operation: str, to: str = "", fraction: float | None = None) -> str:
        """Run an operation: to its end, or to the step and the part of it that are named."""
        with reading(self.store) as connection:
            steps = get(connection, operation).operation.steps
        for step in steps:
            self.move(operation, lambda found, condition, name=step.name: begin_step(found, condition, name))
            if step.name == to:
                if fraction is not None:
                    self.advance(operation, fraction)
                return operation
            self.move(operation, lambda found, condition, name=step.name: end_step(found, condition, name))
        return operation

    def advance(self, operation: str, fraction: float) -> None:
        def further(found: Operation, condition: Condition) -> Change:
            return Change(operation=advance(found, fraction), condition=condition)

        self.move(operation, further)

    def end_step(self, operation: str, step: str) -> None:
        self.move(operation, lambda found, condition: end_step(found, condition, step))

    def fail(self, operation: str, failure_class: FailureClass, message: str, remedy: str) -> str:
        def failed(found: Operation, condition: Condition) -> Change:
            assert found.step is not None
            failure = Failure(
                operation=found.kind,
                step=found.step.name,
                failure_class=failure_class,
                message=message,
                remedy=remedy,
            )
            return fail(found, condition, failure)

        self.move(operation, failed)
        return operation

    def cancel(self, operation: str) -> None:
        self.move(operation, cancel)

    def move(self, operation: str, how: changes.Move) -> None:
        with transaction(self.store) as connection:
            changes.move(connection, operation, how, self.clock.tick())

    def audit(self, actor: str, action: str, subject: str, outcome: str = "allowed", **detail: object) -> None:
        with transaction(self.store) as connection:
            audit_log.append(
                connection,
                actor=actor,
                action=action,
                subject=subject,
                outcome=outcome,
                detail=detail,
                now=self.clock.tick(),
            )

    def certify(self, tenant: str, operation: str) -> None:
        """What the last step of an erasure keeps."""
        with transaction(self.store) as connection:
            document = StoredCertificate(
                tenant=tenant, operation=operation, json='{"signed": true}', pdf=b"%PDF-1.7", at=self.clock.tick()
            )
            keep_certificate(connection, document)

    def active(self, tenant: str, name: str = "", **changed: Any) -> None:
        self.run(self.request(tenant, name, **changed))

    def _asked(self, caller: str) -> Asked:
        now = self.clock.tick()
        return Asked(operation=new_id(), caller=caller, priority=100, now=now)


@dataclass
class Named:
    """The operations of the estate that tests ask for."""

    updating: str
    failed: str
    waiting: str
    hostile: str
    rollout: str = ""


def fill(estate: Estate) -> Named:
    """Tenants in every kind of state that people meet."""
    estate.active("acme", "Acme Diagnostics")
    estate.active("globex", "Globex Research", tier="silo", region="eu-west-1", models=[])
    estate.active("initech", "Initech")
    estate.run(estate.start("initech", OperationKind.SUSPEND))
    estate.active("umbrella", "Umbrella Health")
    updating = estate.run(estate.start("umbrella", OperationKind.UPDATE), "apply", 0.47)
    failed = estate.run(estate.request("hooli", "Hooli XYZ"), "preflight")
    estate.fail(
        failed,
        FailureClass.QUOTA,
        "the account has 2 VPC endpoints left, the tenant needs 5",
        "aws service-quotas request-service-quota-increase --quota-code L-29B6F2EB --desired-value 80",
    )
    estate.active("wonka", "Wonka Sweets")
    estate.certify("wonka", estate.run(estate.start("wonka", OperationKind.ERASE, "root")))
    estate.active("stark", "Stark Industries")
    estate.run(estate.start("stark", OperationKind.ERASE, "root"), "remove", 0.3)
    waiting = estate.request("vandelay", "Vandelay Imports")
    estate.run(estate.request("tyrell", "Tyrell Corporation"), "apply", 0.8)
    hostile = estate.run(estate.request("zorg", HOSTILE[:80], owner=HOSTILE, models=[{"name": HOSTILE}]), "apply")
    estate.fail(hostile, FailureClass.INTERNAL, HOSTILE, HOSTILE)
    for number in range(1, 19):
        estate.active(f"clinic{number:02}", f"Clinic {number}")
    estate.run(estate.start("clinic07", OperationKind.UPGRADE), "verify", 0.5)
    estate.audit("ada", "tenants.create", "tenants/acme", tier="pool")
    estate.audit("mallory", "tenants.erase", "tenants/acme", "refused", reason="role")
    estate.audit(HOSTILE, "tenants.update", f"tenants/{HOSTILE}", detail=HOSTILE)
    return Named(updating=updating, failed=failed, waiting=waiting, hostile=hostile)


def fill_little(estate: Estate) -> Named:
    """Two active tenants."""
    estate.active("acme")
    estate.active("globex", tier="silo")
    return Named(updating="", failed="", waiting="", hostile="")


@dataclass
class Visitor:
    """Asks for pages and sends forms, and keeps the cookies."""

    client: httpx.AsyncClient
    portal: BlockingPortal

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.portal.call(partial(self.client.get, path, headers=headers))

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> httpx.Response:
        return self.portal.call(partial(self.client.post, path, data=dict(fields), headers=headers))


@dataclass
class Console:
    """A console over an estate, and who gives tokens for it."""

    estate: Estate
    issuer: LocalIssuer
    authenticator: Authenticator
    app: Starlette
    mounted: Starlette
    named: Named
    fleet: RolloutFleet

    @property
    def desk(self) -> Desk:
        return cast("Desk", self.mounted.state.desk)

    def token(self, role: Role, tenant: str | None = None, minutes: float = 30) -> str:
        return self.issuer.token("ada", [role], tenant, timedelta(minutes=minutes))

    @contextmanager
    def client(
        self, role: Role | None = None, tenant: str | None = None, base: str = "https://console.test"
    ) -> Generator[Visitor]:
        """A browser's stand-in; with a role it has signed in."""
        with start_blocking_portal() as portal:
            client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=base)
            visitor = Visitor(client, portal)
            if role is not None:
                answer = visitor.post("/console/session", {"token": self.token(role, tenant)})
                assert answer.status_code == 303, answer.text
            yield visitor
            portal.call(client.aclose)


@contextmanager
def console_over(
    folder: Path, key: RSAKey, *, full: bool = True, burst: int = 10_000, real_clock: bool = False
) -> Generator[Console]:
    """A console over an estate.

    Args:
        folder: Where the database is.
        key: The issuer's.
        full: Whether there are tenants in every state; else there are two active ones, acme and globex.
        burst: How many requests a caller may send at once.
        real_clock: Whether sessions and tokens go by the real time, as a browser does.
    """
    store = open_store(sqlite_url(folder / "console.sqlite"))
    specs = folder / "specs"
    specs.mkdir()
    estate = Estate(store, specs)
    if real_clock:
        estate.clock.at = datetime.now(UTC) - timedelta(hours=1)
    named = fill(estate) if full else fill_little(estate)
    now = (lambda: datetime.now(UTC)) if real_clock else estate.clock.now
    fleet = RolloutFleet(folder / "home", now)
    if full:
        named.rollout = str(fleet.plan(WAITING, "ada", "begun")["rollout"])
        fleet.run(store)
    seconds = time.time if real_clock else estate.clock.seconds
    issuer = LocalIssuer(key, TOKENS, seconds)
    rate = RateSettings(per_second=1_000 if burst > 100 else 0.001, burst=burst)
    parts = ConsoleParts(
        authenticator=Authenticator(
            verifier=TokenVerifier(settings=TOKENS, keys=issuer, now=seconds),
            rate=RateLimiter(settings=rate, clock=time.monotonic),
            failure_rate=RateLimiter(settings=rate, clock=time.monotonic),
        ),
        keys=(SecretStr("s" * 32),),
        store=store,
        actions=Actions(store=store, specs=Specs(place=FolderSpecs(specs), platform_file=PLATFORM)),
        version_of=lambda _: "1.3.2",
        fleet=_fleet,
        rollouts=fleet.desk,
        capacity=_capacity,
        now=now,
    )
    mounted = console_app(parts)
    app = Starlette(routes=[Mount("/console", app=mounted)])
    try:
        yield Console(estate, issuer, parts.authenticator, app, mounted, named, fleet)
    finally:
        store.dispose()


async def _fleet() -> Mapping[str, Any]:
    return FLEET


async def _capacity() -> Mapping[str, Any]:
    return msgspec.to_builtins(CAPACITY)
