"""A router that uses every generic part of the API: things of tenants, which are listed, made, read and changed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from infra.api.auth.guard import Access, Allow
from infra.api.auth.roles import ApiOperation
from infra.api.etags import IfMatch, etag_of, if_match, unchanged
from infra.api.idempotency.once import Once, OnceRequest, once_request
from infra.api.pagination import Page, PageRequest, PageTokens, page_request


class Thing(BaseModel, frozen=True, extra="forbid"):
    tenant: str
    size: Annotated[int, Field(ge=1)]
    tags: list[str] = []


async def _nothing() -> None:
    """What a test puts in place of this runs while a thing is made."""


@dataclass
class Things:
    sizes: dict[str, int] = field(default_factory=lambda: {"acme": 1, "beta": 2, "gamma": 3, "delta": 4, "zeta": 5})
    references: list[str] = field(default_factory=list[str])
    while_making: Callable[[], Awaitable[None]] = _nothing


def example_router(things: Things) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/tenants")
    async def list_things(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_LIST))],
        page: Annotated[PageRequest, Depends(page_request)],
        min_size: int = 0,
    ) -> Page[str]:
        tokens = cast("PageTokens", request.app.state.page_tokens)
        filters = {"min_size": str(min_size)}
        after = tokens.read(page.token, access.caller.key, filters)[0] if page.token else ""
        names = sorted(n for n, size in things.sizes.items() if access.scope.covers(n) and size >= min_size)
        rest = [name for name in names if name > str(after)]
        shown = rest[: page.size]
        more = tokens.make([shown[-1]], access.caller.key, filters) if len(rest) > page.size else ""
        return Page[str](items=shown, next_page_token=more)

    @router.post("/tenants")
    async def make_thing(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        thing: Thing,
        access: Annotated[Access, Depends(Allow(ApiOperation.TENANTS_CREATE))],
        asked: Annotated[OnceRequest, Depends(once_request)],
    ) -> Response:
        access.scope.require(thing.tenant)

        async def work(reference: str) -> Response:
            things.references.append(reference)
            await things.while_making()
            things.sizes[thing.tenant] = thing.size
            return JSONResponse({"number": len(things.references)}, 202, {"Location": f"/v1/operations/{reference}"})

        return await cast("Once", request.app.state.once).answer(asked, access.caller, work)

    @router.get("/tenants/{tenant_id}", dependencies=[Depends(Allow(ApiOperation.TENANTS_READ))])
    async def read_thing(tenant_id: str, if_none_match: Annotated[str | None, Header()] = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        body = json.dumps(things.sizes[tenant_id]).encode()
        tag = etag_of(body)
        if unchanged(if_none_match, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return Response(body, headers={"ETag": tag}, media_type="application/json")

    @router.patch("/tenants/{tenant_id}", dependencies=[Depends(Allow(ApiOperation.TENANTS_UPDATE))])
    async def change_thing(tenant_id: str, thing: Thing, version: Annotated[IfMatch, Depends(if_match)]) -> int:  # pyright: ignore[reportUnusedFunction]
        version.require(etag_of(json.dumps(things.sizes[tenant_id]).encode()))
        things.sizes[tenant_id] = thing.size
        return thing.size

    @router.get("/fleet", dependencies=[Depends(Allow(ApiOperation.FLEET_READ))])
    async def broken() -> None:  # pyright: ignore[reportUnusedFunction]
        raise RuntimeError("the password is hunter2")

    return router
