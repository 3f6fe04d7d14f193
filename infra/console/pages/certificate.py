"""The certificate of an erasure, to be kept: the signed document, or the same for people."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from infra.console.visit import Visit
from infra.store.database import reading
from infra.store.erasures import StoredCertificate, certificate_of


def as_json(visit: Visit) -> Response:
    """The document that ``bulkhead certificate verify`` takes."""
    return _file(visit, "json", "application/json", lambda found: found.json.encode())


def as_pdf(visit: Visit) -> Response:
    """The same as a PDF."""
    return _file(visit, "pdf", "application/pdf", lambda found: found.pdf)


def _file(visit: Visit, suffix: str, media_type: str, content: Callable[[StoredCertificate], bytes]) -> Response:
    tenant = visit.path("tenant_id")
    with reading(visit.parts.store) as connection:
        found = certificate_of(connection, tenant)
    if found is None:
        raise HTTPException(404)
    disposition = f'attachment; filename="{found.tenant}-erasure-certificate.{suffix}"'
    return Response(content(found), media_type=media_type, headers={"Content-Disposition": disposition})
