"""The platform as a whole: its fleet, its capacity, its audit log, and who the caller is to it."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import scope_of
from infra.api.pagination import Page, PageRequest, page_request
from infra.api.problems.problem import ProblemError
from infra.api.routes.service import Service, document
from infra.api.tenant_rights import OWN_KEYS
from infra.api.views import AuditEntryView, MeView, audit_entry_view


def platform_router(service: Service) -> APIRouter:
    """The routes of the platform.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1", tags=["platform"])

    @router.get("/fleet", dependencies=[Depends(Allow(ApiOperation.FLEET_READ))])
    async def get_fleet() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Of each tenant the version that it runs, its drift, proof and health, and the waves of an upgrade."""
        return dict(await service.fleet())

    @router.get("/capacity", dependencies=[Depends(Allow(ApiOperation.CAPACITY_READ))])
    async def get_capacity() -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """The account's quotas with their use, and how many more tenants of each tier fit."""
        return dict(await service.capacity())

    @router.get("/audit-log", response_model=Page[AuditEntryView])
    async def list_audit_log(  # pyright: ignore[reportUnusedFunction]
        access: Annotated[Access, Depends(Allow(ApiOperation.AUDIT_READ))],
        page: Annotated[PageRequest, Depends(page_request)],
        subject: Annotated[
            str | None, Query(max_length=128, description="Only entries about this, such as tenants/acme")
        ] = None,
    ) -> Response:
        """The audit log, the oldest entry first; each holds the hash of the one before."""
        filters = {"list": "audit-log", "subject": subject or ""}
        after = service.page_tokens.read(page.token, access.caller.key, filters)[0] if page.token else 0
        found = await run_sync(service.reads.audit, int(after), subject, page.size + 1)
        shown = [audit_entry_view(each) for each in found[: page.size]]
        last = [shown[-1].sequence] if len(found) > page.size else []
        more = service.page_tokens.make(last, access.caller.key, filters) if last else ""
        return document(Page[AuditEntryView](items=shown, next_page_token=more))

    @router.get("/me", response_model=MeView)
    async def get_me(access: Annotated[Access, Depends(Allow(ApiOperation.ME_READ))]) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Who the caller is to the service, and what it may ask for."""
        caller = access.caller
        allowed: list[str] = []
        own_keys = None
        for operation in ApiOperation:
            try:
                scope = scope_of(caller, operation)
            except ProblemError:
                continue
            allowed.append(operation.value)
            if operation is ApiOperation.TENANTS_UPDATE and scope.only is not None:
                own_keys = sorted(".".join(path) for path in OWN_KEYS)
        view = MeView(
            subject=caller.subject,
            issuer=caller.issuer,
            roles=sorted(caller.roles),
            tenant=caller.tenant,
            operations=allowed,
            own_keys=own_keys,
        )
        return document(view)

    return router
