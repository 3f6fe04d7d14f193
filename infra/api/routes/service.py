"""What the routes work with, and the answers that several of them give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Protocol

from anyio.to_thread import run_sync
from fastapi import Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from infra.api.actions import Actions
from infra.api.asking import Accepted, Asking
from infra.api.audit.note import note_of
from infra.api.auth.caller import Caller
from infra.api.idempotency.once import Once, OnceRequest
from infra.api.middleware.request_ids import current_request_id
from infra.api.pagination import PageTokens
from infra.api.reads import Reads
from infra.api.reports import Report
from infra.api.rollouts import RolloutDesk
from infra.api.sse import Streams
from infra.api.views import ProposalView, operation_view
from infra.spec.common import TENANT_ID_PATTERN

RETRY_SECONDS = 2
"""After so long it is worth to ask again how far an operation is."""

TenantId = Annotated[str, Path(pattern=TENANT_ID_PATTERN, description="A tenant's id", examples=["acme"])]
OperationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="An operation's id")]


class Previewer(Protocol):
    """Finds out what a spec would do, in a process of its own; blocks until it knows."""

    def __call__(self, tenant: str, content: bytes | None, timeout: float) -> Mapping[str, Any]:
        """The plan and the proof.

        Args:
            tenant: Whose spec it is.
            content: The proposed file; None: the file as it is.
            timeout: In seconds.

        Raises:
            ProblemError: There is none; says why.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Service:
    """What the routes work with.

    Attributes:
        actions: What changes tenants.
        reads: What reads them.
        streams: The live events.
        once: Does requests with an Idempotency-Key.
        page_tokens: Makes and checks page tokens.
        preview: Finds out what a spec would do.
        check: Says all that is wrong with a spec beside all others, in a process of its own; raises a UserError.
        fleet: The fleet's versions and waves.
        rollouts: The rollouts of the fleet.
        capacity: The account's quotas, and how many tenants fit.
        certificate_key: The public key that verifies certificates.
        version_of: The version of the blueprint that a tenant runs; None where that is not known.
        export_link: A link to a file, by its URL, that holds for so many seconds; it blocks.
        now: The time, in UTC.
        preview_seconds: A preview that takes longer is ended.
    """

    actions: Actions
    reads: Reads
    streams: Streams
    once: Once
    page_tokens: PageTokens
    preview: Previewer
    check: Callable[[str, bytes], None]
    fleet: Report
    rollouts: RolloutDesk
    capacity: Report
    certificate_key: Report
    version_of: Callable[[str], str | None]
    export_link: Callable[[str, int], str]
    now: Callable[[], datetime]
    preview_seconds: float

    def asking(self, request: Request, caller: Caller, reference: str) -> Asking:
        """A request for a change.

        Args:
            request: As it came.
            caller: Who sent it.
            reference: The id of what it makes.
        """
        client = request.client
        route = str(getattr(request.scope.get("route"), "path", ""))
        call: dict[str, object] = {
            "request_id": current_request_id(),
            "method": request.method,
            "route": route,
            "address": client.host if client else "",
        }
        return Asking(caller=caller, operation=reference, now=self.now(), call=call)

    async def answer_once(
        self, request: Request, asked: OnceRequest, caller: Caller, act: Callable[[Asking], Accepted]
    ) -> Response:
        """Does a change once, and answers its repetitions as it answered the first.

        Args:
            request: As it came.
            asked: Its key.
            caller: Who sent it.
            act: Makes the change; it blocks.
        """

        async def work(reference: str) -> Response:
            accepted = await run_sync(act, self.asking(request, caller, reference))
            note = note_of(request)
            note.recorded = accepted.recorded
            if accepted.proposal is not None:
                note.detail |= {"branch": accepted.proposal.branch, "commit": accepted.proposal.commit}
            return await self._accepted(accepted)

        return await self.once.answer(asked, caller, work)

    async def _accepted(self, accepted: Accepted) -> Response:
        """202 with where to follow what was accepted; 200 with the tenant where there was nothing to do."""
        if accepted.operation is not None:
            view = operation_view(accepted.operation)
            return document(view, 202, {"Location": f"/v1/operations/{view.id}", "Retry-After": str(RETRY_SECONDS)})
        where = {"Location": f"/v1/tenants/{accepted.tenant}"}
        if accepted.proposal is not None:
            found = accepted.proposal
            view = ProposalView(
                tenant=accepted.tenant, branch=found.branch, commit=found.commit, merged=found.effective
            )
            return document(view, 202, where)
        tenant, tag = await run_sync(self.reads.tenant, accepted.tenant)
        return document(tenant, 200, {**where, "ETag": tag})


def document(view: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A document as an answer."""
    return Response(view.model_dump_json(), status, headers=headers, media_type="application/json")
