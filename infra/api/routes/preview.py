"""What a proposed spec would do: the plan of its stack, and the proof of all stacks together. It changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, model_validator

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.auth.scope import TenantScope
from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.api.routes.service import Service, TenantId
from infra.api.specs import data_of, file_of, require_plain
from infra.api.tenant_rights import changed_keys, require_own
from infra.gitops import SpecMissing, patched
from infra.gitops.patching import new_spec
from infra.operations.planned_proof import NOBODY

Allowed = Annotated[Access, Depends(Allow(ApiOperation.TENANTS_PREVIEW))]


class PreviewRequest(BaseModel, frozen=True, extra="forbid"):
    """The proposed spec: a patch of the one that there is, or a whole one; neither: the spec as it is.

    Attributes:
        patch: A JSON merge patch of the tenant's spec.
        spec: A whole spec, of a new tenant too.
    """

    patch: dict[str, Any] | None = None
    spec: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.patch is not None and self.spec is not None:
            raise ValueError("give patch or spec, not both")
        return self


class PropertyView(BaseModel, frozen=True):
    """A property that would differ: where, from what to what, and whether its resource would be replaced for it."""

    path: str
    before: str
    after: str
    replaces: bool


class ResourceChange(BaseModel, frozen=True):
    """A resource that would be changed: what would happen to it, what differs, and what would be lost with it."""

    type: str
    name: str
    op: str
    properties: list[PropertyView]
    loses: str


class RightView(BaseModel, frozen=True):
    """A right that somebody would gain or lose: whose principal, what it may, on whose resource, and by what."""

    owner: str
    principal: str
    may: str
    of: str
    resource: str
    via: str


class PreviewView(BaseModel, frozen=True):
    """What a proposed spec would do.

    Attributes:
        tenant: The tenant.
        outcome: How the engine's preview ended.
        error: Why it failed.
        resources: What would be changed.
        unchanged: How many resources stay as they are.
        before_usd: The fixed costs as deployed, in US dollars a month.
        after_usd: Likewise, after the change.
        verdict: Whether isolation of all tenants would be proven, not proven, or not known.
        verdict_reason: Why there is no verdict.
        gained: The rights that somebody would gain.
        lost: The rights that somebody would lose.
        of_others: How many rights more there are, of which the caller may not know.
        warnings: What the engine warned of.
    """

    tenant: str
    outcome: str
    error: str
    resources: list[ResourceChange]
    unchanged: int
    before_usd: float
    after_usd: float
    verdict: str
    verdict_reason: str
    gained: list[RightView]
    lost: list[RightView]
    of_others: int = 0
    warnings: list[str]


def preview_router(service: Service) -> APIRouter:
    """The routes of previews.

    Args:
        service: What they work with.
    """
    router = APIRouter(prefix="/v1/tenants", tags=["tenants"])

    @router.get("/{tenant_id}/preview", response_model=PreviewView)
    async def preview_tenant(tenant_id: TenantId, access: Allowed) -> PreviewView:  # pyright: ignore[reportUnusedFunction]
        """What applying the tenant's spec as it is would do."""
        found = await run_sync(service.preview, tenant_id, None, service.preview_seconds)
        return _shown(found, access.scope)

    @router.post("/{tenant_id}/preview", response_model=PreviewView)
    async def preview_change(  # pyright: ignore[reportUnusedFunction]
        tenant_id: TenantId, access: Allowed, proposed: Annotated[PreviewRequest, Body()]
    ) -> PreviewView:
        """What a proposed spec would do."""
        content = await run_sync(_content, service, tenant_id, proposed, access.scope)
        found = await run_sync(service.preview, tenant_id, content, service.preview_seconds)
        return _shown(found, access.scope)

    return router


def _content(service: Service, tenant: str, proposed: PreviewRequest, scope: TenantScope) -> bytes | None:
    """The proposed file; checked alone before an engine is started for it."""
    specs = service.actions.specs
    if proposed.patch is None and proposed.spec is None:
        return None
    require_plain(proposed.patch or proposed.spec)
    try:
        before = specs.place.read(tenant).content
    except SpecMissing:
        if proposed.spec is None:
            raise
        before = None
    content = (
        new_spec(proposed.spec)
        if proposed.spec is not None
        else patched(file_of(tenant), before or b"", proposed.patch or {})
    )
    data = data_of(tenant, content)
    if data.get("id") != tenant:
        raise ProblemError(Kind.INVALID, "The proposed spec is of another tenant than the path.")
    if scope.only is not None:
        require_own(list(changed_keys({} if before is None else data_of(tenant, before), data)))
    specs.check(tenant, content)
    return content


def _shown(found: Mapping[str, Any], scope: TenantScope) -> PreviewView:
    """A preview without what the caller may not know: rights of and on other tenants."""
    view = PreviewView.model_validate(found)
    if scope.only is None:
        return view
    own = {scope.only, NOBODY}
    gained, lost = ([each for each in rights if {each.owner, each.of} <= own] for rights in (view.gained, view.lost))
    hidden = len(view.gained) + len(view.lost) - len(gained) - len(lost)
    return view.model_copy(update={"gained": gained, "lost": lost, "of_others": hidden, "verdict_reason": ""})
