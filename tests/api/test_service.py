"""Health, readiness and figures are there for whoever runs the service, with no token and nothing of any tenant."""

from __future__ import annotations

import anyio
import httpx
import pytest
from api_service import Service, problem
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from infra.api.connect import make_authenticator, published_keys
from infra.api.health import health_router
from infra.api.problems.handlers import add_problem_handlers
from infra.api.settings import ApiSettings, TokenSettings

pytestmark = pytest.mark.anyio


async def _works() -> None:
    """A check that finds nothing wrong."""


async def _fails() -> None:
    raise ConnectionError("postgresql://user:hunter2@db")


async def _hangs() -> None:
    await anyio.sleep_forever()


async def test_healthy_and_ready(service: Service) -> None:
    """A service whose checks pass is ready, and says what was looked at; no token is needed."""
    service.checks.update(store=_works, queue=_works)
    async with service.client() as client:
        client.headers.pop("authorization")
        assert (await client.get("/healthz")).json() == {"status": "ok", "checks": []}
        assert (await client.get("/readyz")).json() == {"status": "ok", "checks": ["queue", "store"]}


async def test_not_ready(service: Service) -> None:
    """One that lacks something names it, without its error, and still lives."""
    service.checks.update(store=_fails, queue=_works)
    async with service.client() as client:
        answer = await client.get("/readyz")
        assert (await client.get("/healthz")).status_code == 200
    document = problem(answer, 503, "unavailable")
    assert [error["field"] for error in document["errors"]] == ["store"]
    assert answer.headers["retry-after"] == "5"
    assert "hunter2" not in answer.text


async def test_a_check_that_hangs_fails() -> None:
    """A check that does not return in its time counts as failed."""
    app = FastAPI()
    add_problem_handlers(app)
    app.include_router(health_router({"queue": _hangs, "store": _works}, timeout_seconds=0.01))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "Not ready: queue.")


async def test_figures(service: Service) -> None:
    """Requests are counted by the route's template and status; no tenant's id is among the labels."""
    async with service.client() as client:
        await client.get("/v1/tenants/acme")
        await client.get("/v1/tenants/beta")
        await client.get("/v1/tenants/beta", headers={"Authorization": "x"})
        await client.get("/v1/fleet")
        await client.get("/v1/secret-path-of-acme")
        await client.request("BREW", "/v1/tenants")
        client.headers.pop("authorization")
        text = (await client.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    counts = {
        (one.labels["method"], one.labels["route"], one.labels["status"]): one.value
        for one in families["bulkhead_http_requests"].samples
        if one.name.endswith("_total")
    }
    assert counts == {
        ("GET", "/v1/tenants/{tenant_id}", "200"): 2,
        ("GET", "/v1/tenants/{tenant_id}", "401"): 1,
        ("GET", "/v1/fleet", "500"): 1,
        ("GET", "unmatched", "404"): 1,
        ("other", "/v1/tenants", "405"): 1,
    }
    assert "acme" not in text
    assert families["bulkhead_http_requests_running"].samples[0].value == 1
    seconds = families["bulkhead_http_request_duration_seconds"].samples
    assert sum(one.value for one in seconds if one.name.endswith("_count")) == 6


async def test_connected_as_in_production(service: Service) -> None:
    """The settings lead to an authenticator that fetches the keys from their address."""
    settings = ApiSettings(
        tokens=TokenSettings(issuer="https://issuer.example", audience="api", jwks_uri="https://issuer.example/jwks"),
        page_token_keys=(SecretStr("k" * 32),),
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(service.issuer.publish)) as client:
        keys = published_keys(settings, client)
        kid = str(service.issuer.keys[0].kid)
        assert (await keys.find(kid)) is not None
        assert make_authenticator(settings, keys).verifier.keys is keys
    assert service.issuer.fetches == 1
