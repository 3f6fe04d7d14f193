"""What is done with rollouts of the fleet: plan and start one, approve its waves, halt it, have the service go on.

Source: AIP-136 "Custom methods" (a colon before the verb).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from infra.api.asking import Asking
from infra.api.audit.note import note_of
from infra.api.auth.caller import Caller
from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.idempotency.once import OnceRequest, once_request
from infra.api.rollout_documents import HaltRequest, RolloutDocument, RolloutRequest, WaveAnswer
from infra.api.routes.rollouts import RolloutId, answered
from infra.api.routes.service import Service, document
from infra.fleet import Plan
from infra.operations.rollout_view import RolloutView

Once = Annotated[OnceRequest, Depends(once_request)]
_MODEL: dict[int | str, dict[str, Any]] = {
    202: {"model": RolloutDocument, "description": "Accepted: follow the rollout at Location"}
}


def rollout_actions_router(service: Service) -> APIRouter:
    """The routes that change rollouts.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1/fleet/rollouts", tags=["fleet"])
    desk = service.rollouts

    async def once(
        request: Request, asked: OnceRequest, caller: Caller, act: Callable[[Asking], RolloutView], **noted: object
    ) -> Response:
        async def work(reference: str) -> Response:
            view = await run_sync(act, service.asking(request, caller, reference))
            note_of(request).detail |= {"rollout": view.id, "to": view.to, **noted}
            return answered(view, 202, {"Location": f"/v1/fleet/rollouts/{view.id}"})

        return await service.once.answer(asked, caller, work)

    @router.post(
        "",
        status_code=202,
        responses={**_MODEL, 200: {"model": Plan, "description": "Only planned: the waves that it would have"}},
    )
    async def start_rollout(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        wanted: RolloutRequest,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_UPGRADE))],
        asked: Once,
        *,
        validate_only: Annotated[bool, Query(description="Only say in which waves it would go")] = False,
    ) -> Response:
        """Bring every tenant to a version in waves, each proven before and tried after; one rollout at a time."""
        caller = access.caller
        if validate_only:
            return document(await run_sync(desk.plan, service.asking(request, caller, ""), wanted.wish()))
        return await once(request, asked, caller, lambda asking: desk.start(asking, wanted.wish()))

    @router.post("/{rollout_id}:approve", status_code=202, responses=_MODEL)
    async def approve_wave(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        rollout_id: RolloutId,
        answer: WaveAnswer,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_APPROVE))],
        asked: Once,
    ) -> Response:
        """Approve the wave that waits, whose previews and proofs have passed, or refuse to, which halts the rollout."""

        def approve(asking: Asking) -> RolloutView:
            return desk.approve(asking, rollout_id, answer.wave, granted=answer.granted)

        return await once(request, asked, access.caller, approve, granted=answer.granted)

    @router.post("/{rollout_id}:halt", status_code=202, responses=_MODEL)
    async def halt_rollout(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        rollout_id: RolloutId,
        wanted: HaltRequest,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_HALT))],
        asked: Once,
    ) -> Response:
        """Halt a rollout: the wave that is going on goes back, those before it stay."""
        return await once(request, asked, access.caller, lambda asking: desk.halt(asking, rollout_id, wanted.reason))

    @router.post("/{rollout_id}:resume", status_code=202, responses=_MODEL)
    async def resume_rollout(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        rollout_id: RolloutId,
        access: Annotated[Access, Depends(Allow(ApiOperation.FLEET_RESUME))],
        asked: Once,
    ) -> Response:
        """Have the service go on with a rollout: one that a command line left, or at once one that was held up."""
        return await once(request, asked, access.caller, lambda asking: desk.resume(asking, rollout_id))

    return router
