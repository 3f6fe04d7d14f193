"""Tenants: ask for one, list them, read one, change its spec.

Sources: RFC 7396 "JSON Merge Patch"; RFC 9110 "HTTP Semantics", sections 13.1.1 (If-Match), 15.3.3 (202) and 15.4.5
(304).
"""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.etags import IfMatch, if_match, unchanged
from infra.api.idempotency.once import OnceRequest, once_request
from infra.api.pagination import Page, PageRequest, page_request
from infra.api.reads import TenantFilter
from infra.api.routes.service import Service, TenantId, document
from infra.api.specs import require_plain
from infra.api.views import OperationView, ProposalView, TenantSummary, TenantView
from infra.gitops.patching import new_spec
from infra.gitops.place import require_tenant_id
from infra.lifecycle.states import State
from infra.spec.common import REGION_PATTERN, Tier

Spec = Annotated[
    dict[str, Any],
    Body(
        description="The tenant's spec, as docs/schema/tenant.schema.json has it; where network is left out, or cell "
        "or cidr in it, the service chooses the place",
        examples=[{"id": "acme", "display_name": "Acme Diagnostics", "tier": "pool"}],
    ),
]
Patch = Annotated[
    dict[str, Any],
    Body(
        media_type="application/merge-patch+json",
        description="A JSON merge patch of the tenant's spec; null removes a key",
        examples=[{"monthly_budget": {"limit_usd": 1200}}],
    ),
]
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": OperationView | ProposalView, "description": "Accepted: follow the operation at Location"}
}


def tenants_router(service: Service) -> APIRouter:
    """The routes of tenants.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1/tenants", tags=["tenants"])

    @router.post(
        "",
        status_code=202,
        responses={**_ACCEPTED, 204: {"description": "Only validated: nothing is wrong with the spec"}},
    )
    async def create_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_CREATE))],
        asked: Annotated[OnceRequest, Depends(once_request)],
        spec: Spec,
        *,
        validate_only: Annotated[bool, Query(description="Only say what is wrong with the spec")] = False,
    ) -> Response:
        """Ask for a new tenant; or with validate_only, check its spec alone and beside all others, and do nothing."""
        require_plain(spec)
        tenant = require_tenant_id(str(spec.get("id")))
        access.scope.require(tenant)
        if not validate_only:
            return await service.answer_once(
                request, asked, access.caller, lambda asking: service.actions.onboard(asking, spec)
            )
        content = new_spec(spec)
        await run_sync(service.actions.specs.check, tenant, content)
        await run_sync(service.check, tenant, content)
        return Response(status_code=204)

    @router.get("", response_model=Page[TenantSummary])
    async def list_tenants(  # pyright: ignore[reportUnusedFunction]
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_LIST))],
        page: Annotated[PageRequest, Depends(page_request)],
        state: Annotated[list[State], Query(max_length=len(State), description="Only those in these states")] = [],  # noqa: B006 - FastAPI copies it
        tier: Annotated[Tier | None, Query(description="Only those of this tier")] = None,
        region: Annotated[str | None, Query(pattern=REGION_PATTERN, description="Only those in this Region")] = None,
    ) -> Response:
        """The tenants that the caller may know of, in the order of their ids."""
        wanted = TenantFilter(states=tuple(state), tier=tier, region=region)
        filters = {"list": "tenants", "state": ",".join(sorted(state)), "tier": tier or "", "region": region or ""}
        after = service.page_tokens.read(page.token, access.caller.key, filters)[0] if page.token else ""
        found = await run_sync(service.reads.tenants, access.scope, wanted, str(after), page.size + 1)
        shown = found[: page.size]
        more = service.page_tokens.make([shown[-1].id], access.caller.key, filters) if len(found) > page.size else ""
        return document(Page[TenantSummary](items=shown, next_page_token=more))

    @router.get(
        "/{tenant_id}",
        dependencies=[Depends(Allow(ApiOperation.TENANTS_READ))],
        response_model=TenantView,
        responses={304: {"description": "The caller has this version already"}},
    )
    async def get_tenant(  # pyright: ignore[reportUnusedFunction]
        tenant_id: TenantId,
        if_none_match: Annotated[str | None, Header(description="The ETag of a version that is known")] = None,
    ) -> Response:
        """A tenant; its ETag is another one when its spec's file or its state is."""
        tenant, tag = await run_sync(service.reads.tenant, tenant_id)
        if unchanged(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return document(tenant, 200, {"ETag": tag})

    @router.patch(
        "/{tenant_id}",
        status_code=202,
        responses={**_ACCEPTED, 200: {"model": TenantView, "description": "The patch changes nothing"}},
    )
    async def patch_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        tenant_id: TenantId,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_UPDATE))],
        version: Annotated[IfMatch, Depends(if_match)],
        asked: Annotated[OnceRequest, Depends(once_request)],
        patch: Patch,
    ) -> Response:
        """Change a tenant's spec. lifecycle.state suspends or resumes it, tier moves it, all else updates it.

        Where an earlier change has failed, a patch that changes nothing updates the tenant to what its spec says.
        """
        return await service.answer_once(
            request, asked, access.caller, lambda asking: service.actions.patch(asking, tenant_id, patch, version)
        )

    return router
