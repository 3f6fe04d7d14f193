"""The export of a tenant that is erased: where it is, and a link of short life for each of its files.

The link is in the answer to who may have it and nowhere else: in no event, no log and no entry of the audit log.
Sources: Regulation (EU) 2016/679 (GDPR), article 20 "Right to data portability"; Amazon S3 User Guide, "Download and
upload objects with presigned URLs".
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

from infra.api.auth.guard import Allow
from infra.api.auth.roles import ApiOperation
from infra.api.routes.service import Service, TenantId, document
from infra.provisioning.exports import MANIFEST, file_url

#: How long a link holds, in seconds: long enough to begin a download, which may take longer.
LINK_SECONDS = 300


class ExportView(BaseModel, frozen=True):
    """An export.

    Attributes:
        manifest: The URL of its manifest, ``s3://bucket/key``, which lists every file with its SHA-256.
        objects: How many files its payload has.
        size: Their size in bytes.
        expires: When all of it is deleted, in UTC, as ISO 8601.
        path: The file that the link is of.
        link: By which whoever has it fetches that file.
        link_seconds: How long the link holds; never longer than the credentials that signed it.
    """

    manifest: str
    objects: int
    size: int
    expires: str
    path: str
    link: str
    link_seconds: int


def exports_router(service: Service) -> APIRouter:
    """The route of exports.

    Args:
        service: What it works with.
    """
    router = APIRouter(prefix="/v1/tenants", tags=["tenants"])

    @router.get(
        "/{tenant_id}/export",
        dependencies=[Depends(Allow(ApiOperation.EXPORTS_READ))],
        response_model=ExportView,
    )
    async def get_export(  # pyright: ignore[reportUnusedFunction]
        tenant_id: TenantId,
        path: Annotated[
            str, Query(max_length=3_072, description="A file of the export, as its manifest names it")
        ] = MANIFEST,
    ) -> Response:
        """Where the export of an erased tenant is, with a link to a file of it: the manifest, or the one at a path."""
        found = await run_sync(service.reads.export, tenant_id, service.now())
        link = await run_sync(service.export_link, file_url(found, path), LINK_SECONDS)
        view = ExportView(
            manifest=found.manifest,
            objects=found.objects,
            size=found.size,
            expires=found.expires,
            path=path,
            link=link,
            link_seconds=LINK_SECONDS,
        )
        return document(view, 200, {"Cache-Control": "no-store"})

    return router
