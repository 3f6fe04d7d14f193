"""The certificate of a tenant's erasure, as a signed JSON document or as a page to print, and the key that verifies it.

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

KEY_PATH = "/v1/certificate-key"
_PREFIX = "/v1"
_PEM = "application/x-pem-file"
_TYPES = {"json": "application/json", "pdf": "application/pdf"}


def certificates_router(service: Service) -> APIRouter:
    """The route of certificates.

    Args:
        service: What it works with.
    """
    router = APIRouter(prefix=_PREFIX, tags=["tenants"])

    @router.get(
        "/tenants/{tenant_id}/certificate",
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

    @router.get(KEY_PATH.removeprefix(_PREFIX), responses={200: {"content": {_PEM: {"schema": {"type": "string"}}}}})
    async def get_certificate_key() -> Response:  # pyright: ignore[reportUnusedFunction]
        """The public key that verifies certificates, in PEM; no token is needed."""
        found = await service.certificate_key()
        return Response(str(found["pem"]), media_type=_PEM)

    return router
