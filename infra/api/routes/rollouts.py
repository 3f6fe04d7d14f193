"""Rollouts of the fleet as they are: list them, read one, follow it as it happens.

Source: HTML Living Standard, "Server-sent events".
"""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Path
from starlette.responses import Response, StreamingResponse

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.etags import etag_of, unchanged
from infra.api.pagination import Page, PageRequest, page_request
from infra.api.rollout_documents import RolloutDocument, rollout_document
from infra.api.rollout_stream import RolloutStream
from infra.api.routes.operations import STREAM, LastEventId
from infra.api.routes.service import RETRY_SECONDS, Service, document
from infra.api.sse import MEDIA_TYPE, last_event_id
from infra.operations.rollout_view import RolloutView

RolloutId = Annotated[str, Path(pattern=r"^\d{8}T\d{6}-[0-9a-f]{8}$", description="A rollout's id")]
_OVER = ("complete", "incomplete", "halted")


def rollouts_router(service: Service) -> APIRouter:
    """The routes that read rollouts.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1/fleet/rollouts", tags=["fleet"])
    desk = service.rollouts
    streams = RolloutStream(rollouts=desk.rollouts, streams=service.streams)

    @router.get("", response_model=Page[RolloutDocument])
    async def list_rollouts(  # pyright: ignore[reportUnusedFunction]
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_READ))],
        page: Annotated[PageRequest, Depends(page_request)],
    ) -> Response:
        """The rollouts, the newest first, whoever began them."""
        filters = {"list": "rollouts"}
        before = str(service.page_tokens.read(page.token, access.caller.key, filters)[0]) if page.token else ""

        def find() -> list[RolloutView]:
            ids = [each for each in reversed(desk.rollouts.ids()) if not before or each < before]
            return [desk.rollouts.view(each) for each in ids[: page.size + 1]]

        found = await run_sync(find)
        shown = [rollout_document(each) for each in found[: page.size]]
        more = service.page_tokens.make([shown[-1].id], access.caller.key, filters) if len(found) > page.size else ""
        return document(Page[RolloutDocument](items=shown, next_page_token=more))

    @router.get(
        "/{rollout_id}", response_model=RolloutDocument, responses={304: {"description": "It is as If-None-Match says"}}
    )
    async def get_rollout(  # pyright: ignore[reportUnusedFunction]
        rollout_id: RolloutId,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_READ))],
        if_none_match: Annotated[str | None, Header(description="The ETag that the caller has")] = None,
    ) -> Response:
        """A rollout with its waves; while it is not over, Retry-After says when to ask again."""
        del access
        answer = answered(await run_sync(desk.rollouts.view, rollout_id), 200, {})
        if unchanged(if_none_match, answer.headers["etag"]):
            return Response(status_code=304, headers={"ETag": answer.headers["etag"]})
        return answer

    @router.get("/{rollout_id}/events", response_class=StreamingResponse, responses=STREAM)
    async def watch_rollout(  # pyright: ignore[reportUnusedFunction]
        rollout_id: RolloutId,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_READ))],
        last_id: LastEventId = None,
    ) -> Response:
        """What happens in a rollout, as it happens: each action that begins and ends, each answer; ends with it."""
        del access
        after = last_event_id(last_id)
        service.streams.require_room()
        if await run_sync(streams.is_over, rollout_id, after) and after:
            return Response(status_code=204)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(streams.stream(rollout_id, after), headers=headers, media_type=MEDIA_TYPE)

    return router


def answered(view: RolloutView, status: int, headers: dict[str, str]) -> Response:
    """A rollout as an answer, with its tag, and when to ask again.

    Args:
        view: The rollout.
        status: The status.
        headers: What else the answer's head says.
    """
    shown = rollout_document(view)
    headers |= {"ETag": etag_of(shown.model_dump_json().encode())}
    if view.verdict not in _OVER:
        headers["Retry-After"] = str(RETRY_SECONDS)
    return document(shown, status, headers)
