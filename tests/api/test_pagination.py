"""Pages cover a list once, and a token opens only the list that it was made for."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from api_service import Service, bearer, problem
from pydantic import SecretStr, ValidationError

from infra.api.pagination import MAX_SIZE, PageTokens
from infra.api.problems.problem import ProblemError
from infra.api.settings import ApiSettings

pytestmark = pytest.mark.anyio


async def _list(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/tenants", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6])
async def test_pages_cover_the_list_once(service: Service, size: int) -> None:
    """Following the tokens yields every item once, in order; the last page has no token."""
    seen: list[str] = []
    pages, token = 0, ""
    async with service.client() as client:
        while pages == 0 or token:
            page = await _list(client, page_size=size, page_token=token)
            seen += page["items"]
            token, pages = page["next_page_token"], pages + 1
    assert seen == sorted(service.things.sizes)
    assert pages == -(-len(seen) // size)


async def test_items_made_meanwhile_do_not_shift_pages(service: Service) -> None:
    """An item that comes before the position neither repeats nor hides another."""
    async with service.client() as client:
        first = await _list(client, page_size=2)
        service.things.sizes["aaa"] = 1
        second = await _list(client, page_size=2, page_token=first["next_page_token"])
    assert first["items"] + second["items"] == ["acme", "beta", "delta", "gamma"]


async def test_sizes(service: Service) -> None:
    """No size is the default, a large one is the limit, a negative one an error."""
    service.things.sizes = {f"t{n:03}": 1 for n in range(300)}
    async with service.client() as client:
        assert len((await _list(client))["items"]) == 50
        assert len((await _list(client, page_size=0))["items"]) == 50
        assert len((await _list(client, page_size=1_000))["items"]) == MAX_SIZE
        document = problem(await client.get("/v1/tenants?page_size=-1"), 422, "invalid-request")
    assert document["errors"][0]["field"] == "page_size"


async def test_filters_must_stay(service: Service) -> None:
    """A token with other filters than it was made with is refused; with the same it is not."""
    async with service.client() as client:
        token = (await _list(client, page_size=1, min_size=2))["next_page_token"]
        problem(await client.get(f"/v1/tenants?page_token={token}&min_size=1"), 400, "invalid-page-token")
        problem(await client.get(f"/v1/tenants?page_token={token}"), 400, "invalid-page-token")
        assert (await _list(client, page_size=3, min_size=2, page_token=token))["items"] == ["delta", "gamma", "zeta"]


async def test_another_callers_token(service: Service) -> None:
    """A token of one caller is of no use to another."""
    async with service.client() as client:
        token = (await _list(client, page_size=1))["next_page_token"]
        other = bearer(service.issuer.token(sub="bob"))
        answer = await client.get(f"/v1/tenants?page_token={token}", headers=other)
        assert (await client.get("/v1/tenants", headers=other)).status_code == 200
    problem(answer, 400, "invalid-page-token")


async def test_forged_tokens(service: Service) -> None:
    """A token that was changed, made up or signed by another secret is refused."""
    other = PageTokens([SecretStr("x" * 32)])
    async with service.client() as client:
        token = (await _list(client, page_size=1))["next_page_token"]
        payload, signature = token.split(".")
        binding, _ = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        moved = base64.urlsafe_b64encode(json.dumps([binding, ["zeta"]]).encode()).rstrip(b"=").decode()
        forged = [f"{moved}.{signature}", payload, f"{payload}.", f".{signature}", "x", other.make(["a"], "c", {}), "é"]
        for attempt in forged:
            answer = await client.get("/v1/tenants", params={"page_token": attempt})
            problem(answer, 400, "invalid-page-token")
        problem(await client.get("/v1/tenants", params={"page_token": "x" * 3_000}), 422, "invalid-request")
        await _list(client, page_token=token)


def test_secrets_are_rotated() -> None:
    """A token by the old secret works while that is listed, and no longer after."""
    old, new = SecretStr("o" * 32), SecretStr("n" * 32)
    token = PageTokens([old]).make(["acme", 5], "caller", {"tier": "pool"})
    assert PageTokens([old, new]).read(token, "caller", {"tier": "pool"}) == ["acme", 5]
    with pytest.raises(ProblemError):
        PageTokens([new]).read(token, "caller", {"tier": "pool"})


def test_weak_secrets_are_refused(service: Service) -> None:
    """A secret that could be guessed is refused, and is not in the error."""
    good = service.settings()
    with pytest.raises(ValidationError, match="page_token_keys") as caught:
        ApiSettings(tokens=good.tokens, page_token_keys=(SecretStr("hunter2"),))
    assert "hunter2" not in str(caught.value)
