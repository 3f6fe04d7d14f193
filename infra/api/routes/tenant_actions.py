"""What is done to a tenant as a whole: suspend, resume, upgrade, erase.

Source: AIP-136 "Custom methods" (a colon before the verb).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from infra.api.asking import Accepted, Asking
from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.idempotency.once import OnceRequest, once_request
from infra.api.routes.service import Service, TenantId
from infra.api.views import OperationView, ProposalView

_VERSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,127}$"
_LONGEST_GRACE = 90 * 86_400

Once = Annotated[OnceRequest, Depends(once_request)]
_ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {"model": OperationView | ProposalView, "description": "Accepted: follow the operation at Location"}
}


class UpgradeRequest(BaseModel, frozen=True, extra="forbid"):
    """To which version.

    Attributes:
        to: A version of the blueprint, or a branch, tag or commit of it.
    """

    to: Annotated[str, Field(pattern=_VERSION_PATTERN)]


class EraseRequest(BaseModel, frozen=True, extra="forbid"):
    """How a tenant is erased.

    Attributes:
        export: Whether its data is exported to it first.
        grace_seconds: How long the erasure can still be cancelled after access is closed.
        window_days: How many days the deletion of its keys can still be cancelled at AWS.
    """

    export: bool = False
    grace_seconds: Annotated[int, Field(ge=0, le=_LONGEST_GRACE)] = 0
    window_days: Annotated[int, Field(ge=7, le=30)] = 30


_AS_USUAL = EraseRequest()


def tenant_actions_router(service: Service) -> APIRouter:
    """The routes of actions on a tenant.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1/tenants", tags=["tenants"])
    actions = service.actions

    @router.post("/{tenant_id}:suspend", status_code=202, responses=_ACCEPTED)
    async def suspend_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        tenant_id: TenantId,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_SUSPEND))],
        asked: Once,
    ) -> Response:
        """Close a tenant's access within seconds, and keep its data."""
        return await service.answer_once(
            request, asked, access.caller, lambda asking: actions.suspend(asking, tenant_id)
        )

    @router.post("/{tenant_id}:resume", status_code=202, responses=_ACCEPTED)
    async def resume_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        tenant_id: TenantId,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_RESUME))],
        asked: Once,
    ) -> Response:
        """Open a suspended tenant's access again."""
        return await service.answer_once(
            request, asked, access.caller, lambda asking: actions.resume(asking, tenant_id)
        )

    @router.post("/{tenant_id}:upgrade", status_code=202, responses=_ACCEPTED)
    async def upgrade_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        tenant_id: TenantId,
        wanted: UpgradeRequest,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_UPGRADE))],
        asked: Once,
    ) -> Response:
        """Bring a tenant to another version of the blueprint."""

        def upgrade(asking: Asking) -> Accepted:
            service.reads.tenant(tenant_id)
            return actions.upgrade(asking, tenant_id, wanted.to, service.version_of(tenant_id))

        return await service.answer_once(request, asked, access.caller, upgrade)

    @router.post("/{tenant_id}:erase", status_code=202, responses=_ACCEPTED)
    async def erase_tenant(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        tenant_id: TenantId,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_ERASE))],
        asked: Once,
        wanted: Annotated[EraseRequest, Body()] = _AS_USUAL,
    ) -> Response:
        """Remove a tenant with all that is left of it; ends with a signed certificate."""
        return await service.answer_once(
            request,
            asked,
            access.caller,
            lambda asking: actions.erase(
                asking,
                tenant_id,
                export=wanted.export,
                grace_seconds=wanted.grace_seconds,
                window_days=wanted.window_days,
            ),
        )

    return router
