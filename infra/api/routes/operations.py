"""Long-running operations: list them, read one, follow it as it happens, cancel it.

Sources: AIP-151 "Long-running operations"; HTML Living Standard, "Server-sent events".
"""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.idempotency.once import OnceRequest, once_request
from infra.api.pagination import Page, PageRequest, page_request
from infra.api.routes.service import RETRY_SECONDS, OperationId, Service, TenantId, document
from infra.api.sse import MEDIA_TYPE, Watched, last_event_id
from infra.api.views import OperationView
from infra.spec.common import TENANT_ID_PATTERN

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The id of the last event that was seen; it goes on after it")
]
_EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "Its number; send it as Last-Event-ID to go on after it"},
        "event": {"type": "string", "description": "Its name, such as operation.running or tenant.active"},
        "data": {"type": "string", "description": "A JSON document: sequence, tenant, operation, name, at, data"},
    },
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Events as they happen", "content": {MEDIA_TYPE: {"schema": _EVENT}}},
    204: {"description": "It is over, and all its events were seen: do not come again"},
}


def operations_router(service: Service) -> APIRouter:
    """The routes of operations.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1", tags=["operations"])

    @router.get("/operations", response_model=Page[OperationView])
    async def list_operations(  # pyright: ignore[reportUnusedFunction]
        access: Annotated[Access, Depends(Allow(ApiOperation.OPERATIONS_LIST))],
        page: Annotated[PageRequest, Depends(page_request)],
        tenant: Annotated[str | None, Query(pattern=TENANT_ID_PATTERN, description="Only those on this tenant")] = None,
        *,
        open_only: Annotated[bool, Query(description="Only those that are not over")] = False,
    ) -> Response:
        """The operations on tenants that the caller may know of, the oldest first."""
        if tenant is not None:
            access.scope.require(tenant)
        filters = {"list": "operations", "tenant": tenant or "", "open_only": str(open_only)}
        after = service.page_tokens.read(page.token, access.caller.key, filters)[0] if page.token else ""

        def find() -> list[OperationView]:
            return service.reads.operations(
                access.scope, tenant, open_only=open_only, after=str(after), limit=page.size + 1
            )

        found = await run_sync(find)
        shown = found[: page.size]
        more = service.page_tokens.make([shown[-1].id], access.caller.key, filters) if len(found) > page.size else ""
        return document(Page[OperationView](items=shown, next_page_token=more))

    @router.get("/operations/{operation_id}", response_model=OperationView)
    async def get_operation(  # pyright: ignore[reportUnusedFunction]
        operation_id: OperationId, access: Annotated[Access, Depends(Allow(ApiOperation.OPERATIONS_READ))]
    ) -> Response:
        """An operation; while it is not over, Retry-After says when to ask again."""
        view = await run_sync(service.reads.operation, operation_id, access.scope)
        return document(view, 200, {} if view.ended_at else {"Retry-After": str(RETRY_SECONDS)})

    @router.post("/operations/{operation_id}:cancel", status_code=202, responses={202: {"model": OperationView}})
    async def cancel_operation(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        operation_id: OperationId,
        access: Annotated[Access, Depends(Allow(ApiOperation.OPERATIONS_CANCEL))],
        asked: Annotated[OnceRequest, Depends(once_request)],
    ) -> Response:
        """Ask that an operation ends; what it has changed is put back."""
        return await service.answer_once(
            request, asked, access.caller, lambda asking: service.actions.cancel(asking, operation_id)
        )

    @router.get("/operations/{operation_id}/events", response_class=StreamingResponse, responses=STREAM)
    async def watch_operation(  # pyright: ignore[reportUnusedFunction]
        operation_id: OperationId,
        access: Annotated[Access, Depends(Allow(ApiOperation.OPERATIONS_WATCH))],
        last_id: LastEventId = None,
    ) -> Response:
        """The operation's events as they happen; ends when it is over."""
        await run_sync(service.reads.operation, operation_id, access.scope)
        return await _answer(service, Watched(operation=operation_id), last_id)

    @router.get("/tenants/{tenant_id}/events", response_class=StreamingResponse, responses=STREAM)
    async def watch_tenant(  # pyright: ignore[reportUnusedFunction]
        tenant_id: TenantId,
        access: Annotated[Access, Depends(Allow(ApiOperation.OPERATIONS_WATCH))],
        last_id: LastEventId = None,
    ) -> Response:
        """The tenant's events as they happen, of all its operations."""
        del access  # the path's tenant has been checked
        await run_sync(service.reads.tenant, tenant_id)
        return await _answer(service, Watched(tenant=tenant_id), last_id)

    return router


async def _answer(service: Service, watched: Watched, last_id: str | None) -> Response:
    after = last_event_id(last_id)
    service.streams.require_room()
    if after and await service.streams.is_over(watched, after):
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(service.streams.stream(watched, after), headers=headers, media_type=MEDIA_TYPE)
