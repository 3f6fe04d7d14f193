"""The certificate of a tenant's erasure, as a signed JSON document or as a page to print.

Source: Regulation (EU) 2016/679 (GDPR), article 17 "Right to erasure".
"""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from infra.api.auth.guard import Allow
from infra.api.auth.roles import ApiOperation
from infra.api.routes.service import Service, TenantId

_TYPES = {"json": "application/json", "pdf": "application/pdf"}


def certificates_router(service: Service) -> APIRouter:
    """The route of certificates.

    Args:
        service: What it works with.
    """
    router = APIRouter(prefix="/v1/tenants", tags=["tenants"])

    @router.get(
        "/{tenant_id}/certificate",
        dependencies=[Depends(Allow(ApiOperation.TENANTS_READ))],
        responses={
            200: {
                "description": "The certificate; `bulkhead certificate verify` checks the JSON document",
                "content": {"application/json": {"schema": {}}, "application/pdf": {"schema": {"type": "string"}}},
            }
        },
    )
    async def get_certificate(  # pyright: ignore[reportUnusedFunction]
        tenant_id: TenantId,
        form: Annotated[Literal["json", "pdf"], Query(alias="format", description="json, or pdf for people")] = "json",
    ) -> Response:
        """The signed certificate of a tenant's erasure."""
        found = await run_sync(service.reads.certificate, tenant_id)
        content = found.json.encode() if form == "json" else found.pdf
        headers = {"Content-Disposition": f'inline; filename="{tenant_id}-erasure.{form}"'}
        return Response(content, headers=headers, media_type=_TYPES[form])

    return router
