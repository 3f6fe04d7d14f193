"""Over every route: no attack by a token lets anybody in; no tenant's administrator sees or moves another tenant."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from all_routes import REQUESTS, Request, guarded_routes
from api_service import bearer, problem
from token_attacks import ATTACKS
from whole_service import Whole, adopted, new_tenant

from infra.api.auth.roles import Role

pytestmark = pytest.mark.anyio

#: What needs a right on all tenants; the rest a tenant's administrator may ask for on its own.
OPERATORS_ONLY = {
    "POST /v1/tenants",
    "POST /v1/tenants/{tenant_id}:suspend",
    "POST /v1/tenants/{tenant_id}:resume",
    "POST /v1/tenants/{tenant_id}:upgrade",
    "POST /v1/tenants/{tenant_id}:erase",
    "GET /v1/fleet",
    *(each.named for each in REQUESTS if each.path.startswith("/v1/fleet/")),
    "GET /v1/capacity",
    "GET /v1/audit-log",
}
LISTS = {"GET /v1/tenants", "GET /v1/operations", "GET /v1/me"}


async def _send(
    client: httpx.AsyncClient, request: Request, tenant: str, operation: str, **headers: str
) -> httpx.Response:
    path = request.path.format(tenant_id=tenant, operation_id=operation, rollout_id="20260301T000000-00000000")
    content = None if request.body is None else json.dumps(request.body).encode()
    sent = {"Content-Type": "application/json", **dict(request.headers), **headers}
    return await client.request(request.method, path, content=content, headers=sent)


@asynccontextmanager
async def _with_globex(whole: Whole) -> AsyncGenerator[str]:
    """The id of an operation on globex that runs; acme is there too."""
    await adopted(whole, "acme", "globex")
    async with whole.client() as client:
        yield (await client.post("/v1/tenants/globex:suspend")).json()["id"]


async def test_the_list_of_routes_is_whole(whole: Whole) -> None:
    """A route that is added is tried here as well."""
    assert guarded_routes(whole) == {each.named for each in REQUESTS}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.named)
async def test_no_attack_lets_anybody_in(whole: Whole, request_: Request) -> None:
    """Each attack by a token is 401 and does nothing, as are no token and another scheme; a good token is let in."""
    async with _with_globex(whole) as operation:
        before = len(whole.log())
        async with whole.client(None) as client:
            for name, (attack, _) in ATTACKS.items():
                headers = bearer(attack(whole.issuer))
                answer = await _send(client, request_, "globex", operation, **headers)
                assert answer.status_code == 401, name
                problem(answer, 401, "unauthenticated")
            token = whole.issuer.token()
            for headers in ({}, {"Authorization": f"Basic {token}"}, {"Cookie": f"token={token}"}):
                problem(await _send(client, request_, "globex", operation, **headers), 401, "unauthenticated")
        tried = whole.log()[before:]
        assert len(tried) == len(ATTACKS) + 3
        assert {(each.actor, each.outcome) for each in tried} == {("", "refused")}
        async with whole.client() as client:
            assert (await _send(client, request_, "globex", operation)).status_code not in (401, 403)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.named)
async def test_a_tenants_administrator_stays_within_it(whole: Whole, request_: Request) -> None:
    """Another tenant in the path is refused as one that does not exist is; in a header it gives nothing."""
    smuggled = {"X-Tenant": "globex", "X-Original-URL": "/v1/tenants/globex", "Tenant": "globex"}
    async with _with_globex(whole) as operation, whole.client("tenant-admin", tenant="acme") as client:
        other = await _send(client, request_, "globex", operation, **smuggled)
        absent = await _send(client, request_, "absent", "00000000-0000-7000-8000-000000000000", **smuggled)
        assert _comparable(other, operation) == _comparable(absent, "00000000-0000-7000-8000-000000000000")
        if request_.named in LISTS:
            assert other.status_code == 200
            assert operation not in other.text
        else:
            assert other.status_code == (404 if "{operation_id}" in request_.path else 403)
        assert "Globex" not in other.text


def _comparable(answer: httpx.Response, operation: str) -> object:
    document = answer.json()
    for name in ("request_id", "instance"):
        document.pop(name, None)
    text = json.dumps(document).replace(operation, "OPERATION")
    return answer.status_code, text


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.named)
async def test_each_role(whole: Whole, request_: Request) -> None:
    """What an auditor and a tenant's administrator may not is refused; its own tenant is open to the latter."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        operation = (await client.post("/v1/tenants/acme:suspend")).json()["id"]
    for role in Role:
        tenant = "acme" if role is Role.TENANT_ADMIN else None
        async with whole.client(role.value, tenant=tenant) as client:
            answer = await _send(client, request_, "acme", operation)
        changes = request_.method != "GET" and "preview" not in request_.path
        refused = {
            Role.PLATFORM_ADMIN: False,
            Role.OPERATOR: request_.named.endswith((":erase", ":approve", "audit-log", "/export")),
            Role.AUDITOR: changes or request_.named.endswith("/export"),
            Role.TENANT_ADMIN: request_.named in OPERATORS_ONLY or request_.named.endswith(":cancel"),
        }[role]
        assert (answer.status_code == 403) is refused, (role, answer.text)
        assert answer.status_code < 500


@pytest.mark.parametrize("query", ["tenant=globex", "tenant=globex&tenant=acme", "tenant_id=globex", "tenant=absent"])
async def test_another_tenant_in_the_query(whole: Whole, query: str) -> None:
    """A list is of the caller's tenant, or refused: never of another."""
    async with _with_globex(whole) as operation, whole.client("tenant-admin", tenant="acme") as client:
        answer = await client.get(f"/v1/operations?{query}")
        assert operation not in answer.text
        assert answer.status_code in (200, 403)
        if answer.status_code == 200:
            assert {each["tenant"] for each in answer.json()["items"]} == {"acme"}


async def test_another_tenant_in_the_body(whole: Whole) -> None:
    """An id cannot be changed into another tenant's, and another's spec is not previewed under one's own id."""
    await adopted(whole, "acme", "globex")
    async with whole.client("tenant-admin", tenant="acme") as client:
        headers = {"If-Match": "*"}
        problem(await client.patch("/v1/tenants/acme", json={"id": "globex"}, headers=headers), 403, "forbidden")
        body = {"spec": new_tenant("globex")}
        problem(await client.post("/v1/tenants/acme/preview", json=body), 422, "invalid-request")
    assert whole.asked == []


async def test_pages_do_not_cross_tenants(whole: Whole) -> None:
    """A page token of one caller is none for another."""
    await adopted(whole, "acme", "globex")
    async with whole.client() as client:
        token = (await client.get("/v1/tenants?page_size=1")).json()["next_page_token"]
        assert token
    async with whole.client("tenant-admin", tenant="globex", sub="gil") as client:
        problem(await client.get(f"/v1/tenants?page_size=1&page_token={token}"), 400, "invalid-page-token")


OWN: dict[str, Any] = {"display_name": "New", "models": [], "monthly_budget": {"contacts": ["new@acme.example"]}}
PLATFORMS = (
    {"tier": "silo"},
    {"network": {"cidr": "10.64.1.0/24"}},
    {"quotas": {"max_models": 99}},
    {"monthly_budget": {"limit_usd": 1e9}},
    {"lifecycle": {"state": "suspended"}},
    {"lifecycle": None},
    {"data_residency": ["us-east-1"]},
    {"compliance": None},
    {"identity": {"data_scientists": "globex-data-scientists"}},
    {"display_name": "New", "retention": {"logs_days": 1}},
    {"tags": {"a": "b"}},
)


async def test_a_tenants_administrator_changes_what_is_its_own(whole: Whole) -> None:
    """Those keys only; what names another key without changing it is no change."""
    await adopted(whole, "acme")
    async with whole.client("tenant-admin", tenant="acme") as client:
        headers = {"If-Match": (await client.get("/v1/tenants/acme")).headers["etag"]}
        for patch in PLATFORMS:
            document = problem(await client.patch("/v1/tenants/acme", json=patch, headers=headers), 403, "forbidden")
            assert document["errors"]
        assert (await client.patch("/v1/tenants/acme", json={"tier": "pool"}, headers=headers)).status_code == 200
        accepted = await client.patch("/v1/tenants/acme", json=OWN, headers=headers)
        assert accepted.status_code == 202, accepted.text
        cancelled = await client.post(f"/v1/operations/{accepted.json()['id']}:cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")


async def test_a_tenants_administrator_cancels_no_operators_work(whole: Whole) -> None:
    """A suspension or an erasure of its own tenant runs on."""
    await adopted(whole, "acme")
    async with whole.client() as admin, whole.client("tenant-admin", tenant="acme") as client:
        operation = (await admin.post("/v1/tenants/acme:erase")).json()["id"]
        problem(await client.post(f"/v1/operations/{operation}:cancel"), 403, "forbidden")
        assert (await admin.post(f"/v1/operations/{operation}:cancel")).status_code == 202
