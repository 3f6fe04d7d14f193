"""Each role may do what the table says, a tenant's administrator on its own tenant only, and no route is left open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from api_service import Service, bearer, problem
from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from infra.api.app import UnguardedRoutes
from infra.api.auth.caller import Caller
from infra.api.auth.roles import GRANTS, ApiOperation, Role
from infra.api.auth.scope import scope_of
from infra.api.problems.problem import ProblemError

pytestmark = pytest.mark.anyio
ALL, OWN, NONE = "all", "own", "none"
# In the order of Role: platform-admin, operator, auditor, tenant-admin.
EXPECTED = {
    "tenants.create": (ALL, ALL, NONE, NONE),
    "tenants.list": (ALL, ALL, ALL, OWN),
    "tenants.read": (ALL, ALL, ALL, OWN),
    "tenants.update": (ALL, ALL, NONE, OWN),
    "tenants.preview": (ALL, ALL, ALL, OWN),
    "tenants.suspend": (ALL, ALL, NONE, NONE),
    "tenants.resume": (ALL, ALL, NONE, NONE),
    "tenants.upgrade": (ALL, ALL, NONE, NONE),
    "tenants.erase": (ALL, NONE, NONE, NONE),
    "operations.list": (ALL, ALL, ALL, OWN),
    "operations.read": (ALL, ALL, ALL, OWN),
    "operations.watch": (ALL, ALL, ALL, OWN),
    "operations.cancel": (ALL, ALL, NONE, OWN),
    "fleet.read": (ALL, ALL, ALL, NONE),
    "fleet.upgrade": (ALL, ALL, NONE, NONE),
    "fleet.approve": (ALL, NONE, NONE, NONE),
    "fleet.halt": (ALL, ALL, NONE, NONE),
    "fleet.resume": (ALL, ALL, NONE, NONE),
    "capacity.read": (ALL, ALL, ALL, NONE),
    "audit.read": (ALL, NONE, ALL, NONE),
    "me.read": (ALL, ALL, ALL, OWN),
    "exports.read": (ALL, NONE, NONE, OWN),
    "sessions.end": (ALL, NONE, NONE, NONE),
}


def _scope(roles: set[Role], operation: ApiOperation, tenant: str | None = "acme") -> str:
    caller = Caller(issuer="i", subject="s", roles=frozenset(roles), tenant=tenant)
    try:
        scope = scope_of(caller, operation)
    except ProblemError:
        return NONE
    return ALL if scope.only is None else OWN


@pytest.mark.parametrize("operation", ApiOperation)
def test_table(operation: ApiOperation) -> None:
    """The table, written a second time as what each role gets."""
    assert tuple(_scope({role}, operation) for role in Role) == EXPECTED[operation.value]


def test_table_is_whole() -> None:
    """Every operation has a row, so that none is refused to all by oversight."""
    assert GRANTS.keys() == set(ApiOperation)
    assert all(GRANTS.values())


@pytest.mark.parametrize("operation", ApiOperation)
def test_no_roles_no_rights(operation: ApiOperation) -> None:
    """A caller with no role, and a tenant's administrator of no tenant, may do nothing."""
    assert _scope(set(), operation) == NONE
    assert _scope({Role.TENANT_ADMIN}, operation, tenant=None) == NONE


def test_no_two_callers_have_the_same_key() -> None:
    """Callers of different issuers stay apart also where issuer and subject read the same one after the other."""
    pairs = [("https://a", "bc"), ("https://ab", "c"), ("https://a", "bd")]
    keys = {Caller(issuer=one, subject=two, roles=frozenset(), tenant=None).key for one, two in pairs}
    assert len(keys) == 3


def test_roles_add_up() -> None:
    """A caller with two roles has the rights of both: an auditor who administers acme reads all, changes acme."""
    both = {Role.AUDITOR, Role.TENANT_ADMIN}
    assert _scope(both, ApiOperation.TENANTS_READ) == ALL
    assert _scope(both, ApiOperation.TENANTS_UPDATE) == OWN


async def test_tenant_admin_sees_its_own_only(service: Service) -> None:
    """Acme's administrator lists and reads acme; another tenant's answer is the same whether or not it exists."""
    async with service.client("tenant-admin", tenant="acme") as client:
        assert (await client.get("/v1/tenants")).json()["items"] == ["acme"]
        assert (await client.get("/v1/tenants/acme")).status_code == 200
        existing = problem(await client.get("/v1/tenants/beta"), 403, "forbidden")
        absent = problem(await client.get("/v1/tenants/absent"), 403, "forbidden")
        problem(await client.get("/v1/fleet"), 403, "forbidden")
    assert existing["detail"] == absent["detail"]


@pytest.mark.parametrize(
    "path", ["/v1/tenants/beta", "/v1/tenants/beta?tenant_id=acme", "/v1/tenants/ACME", "/v1/tenants/acme%20"]
)
async def test_other_tenants_id_anywhere(service: Service, path: str) -> None:
    """Neither a second id in the query or a header nor another spelling opens another tenant."""
    async with service.client("tenant-admin", tenant="acme") as client:
        answer = await client.get(path, headers={"X-Tenant": "acme", "X-Original-Url": "/v1/tenants/acme"})
    problem(answer, 403, "forbidden")


async def test_other_tenants_id_in_the_body(service: Service) -> None:
    """A route checks a tenant that a body names by the same scope."""
    async with service.client("operator") as client:
        assert (await client.post("/v1/tenants", json={"tenant": "beta", "size": 1})).status_code == 202
    async with service.client("tenant-admin", tenant="acme") as client:
        problem(await client.post("/v1/tenants", json={"tenant": "beta", "size": 1}), 403, "forbidden")


@pytest.mark.parametrize("tenant", [None, "", "*", "Acme", "acme-eu", "acme\n", ["acme"], 5, {"acme": 1}, True])
async def test_odd_tenant_claims_give_nothing(service: Service, tenant: object) -> None:
    """A claim that is no tenant's id administers no tenant."""
    async with service.client("tenant-admin", tenant=tenant) as client:
        problem(await client.get("/v1/tenants"), 403, "forbidden")


@pytest.mark.parametrize(
    "roles", ["platform-admin", [], ["Platform-Admin"], ["admin"], {"platform-admin": 1}, [["operator"]]]
)
async def test_odd_roles_give_nothing(service: Service, roles: object) -> None:
    """Roles that are unknown, or not in a list, give no right, and the answer says that the scope is too small."""
    async with service.client() as client:
        assert (await client.get("/v1/tenants")).status_code == 200
        answer = await client.get("/v1/tenants", headers=bearer(service.issuer.token(roles=roles)))
    problem(answer, 403, "forbidden")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def _open_route() -> APIRouter:
    router = APIRouter()

    @router.get("/v1/open")
    async def open_to_all() -> Response:  # pyright: ignore[reportUnusedFunction]
        return Response()

    return router


def _nested() -> APIRouter:
    outer = APIRouter(prefix="/outer")
    outer.include_router(_open_route())
    return outer


def _mounted() -> APIRouter:
    router = APIRouter()
    router.mount("/mounted", FastAPI())
    return router


@pytest.mark.parametrize(
    ("make", "named"), [(_open_route, "/v1/open"), (_nested, "/outer/v1/open"), (_mounted, "/mounted")]
)
async def test_open_routes_are_refused(service: Service, make: Callable[[], APIRouter], named: str) -> None:
    """An application with a route that lets anybody in is not built; its error names the route."""
    service.routers.append(make())
    with pytest.raises(UnguardedRoutes, match=named):
        async with service.client():
            pass
