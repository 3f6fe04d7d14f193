"""A change says which version it is of, and is made to no other."""

from __future__ import annotations

import httpx
import pytest
from api_service import Service, problem

from infra.api.etags import etag_of, if_match
from infra.api.problems.problem import ProblemError

pytestmark = pytest.mark.anyio
CURRENT = etag_of(b"1")
STALE = etag_of(b"2")
CHANGE = {"tenant": "acme", "size": 9}


async def _change(client: httpx.AsyncClient, *if_match: str) -> httpx.Response:
    headers = [("If-Match", value) for value in if_match]
    return await client.patch("/v1/tenants/acme", json=CHANGE, headers=headers)


@pytest.mark.parametrize(
    "header", [CURRENT, "*", f"{STALE}, {CURRENT}", f"{STALE},{CURRENT}", f'"a,b" , {CURRENT}', f'"", {CURRENT}']
)
async def test_the_current_version_is_changed(service: Service, header: str) -> None:
    """A change of the version that was read is made."""
    async with service.client() as client:
        assert (await client.get("/v1/tenants/acme")).headers["etag"] == CURRENT
        assert (await _change(client, header)).status_code == 200
    assert service.things.sizes["acme"] == 9


@pytest.mark.parametrize(
    "header", [STALE, f"W/{CURRENT}", '""', f'"x{CURRENT[1:]}', f'"{STALE[1:-1]},{CURRENT[1:-1]}"']
)
async def test_another_version_is_not(service: Service, header: str) -> None:
    """A change of another version, or of one that is only weakly the same, is refused with the current tag."""
    async with service.client() as client:
        answer = await _change(client, header)
    problem(answer, 412, "precondition-failed")
    assert answer.headers["etag"] == CURRENT
    assert service.things.sizes["acme"] == 1


@pytest.mark.parametrize("header", ["", CURRENT[1:-1], f"{CURRENT} {STALE}", f"{CURRENT};", f"*, {CURRENT}", '"a', ","])
async def test_malformed(service: Service, header: str) -> None:
    """What is no list of tags is not taken for one."""
    async with service.client() as client:
        problem(await _change(client, header), 400, "malformed-request")
    assert service.things.sizes["acme"] == 1


async def test_a_change_without_a_version(service: Service) -> None:
    """A change that does not say which version it is of is refused."""
    async with service.client() as client:
        problem(await _change(client), 428, "precondition-required")
    assert service.things.sizes["acme"] == 1


async def test_the_second_of_two_changes_loses(service: Service) -> None:
    """Of two changes of the same version, the second is refused."""
    async with service.client() as client:
        tag = (await client.get("/v1/tenants/acme")).headers["etag"]
        assert (await _change(client, tag)).status_code == 200
        problem(await _change(client, tag), 412, "precondition-failed")


@pytest.mark.parametrize(
    ("header", "status"),
    [(CURRENT, 304), (f"W/{CURRENT}", 304), ("*", 304), (f"{STALE}, {CURRENT}", 304), (STALE, 200)],
)
async def test_unchanged_is_not_sent_again(service: Service, header: str, status: int) -> None:
    """A caller that has the current version is told so, with no body."""
    async with service.client() as client:
        answer = await client.get("/v1/tenants/acme", headers={"If-None-Match": header})
        problem(await client.get("/v1/tenants/acme", headers={"If-None-Match": "x"}), 400, "malformed-request")
    assert (answer.status_code, answer.headers["etag"]) == (status, CURRENT)
    assert bool(answer.content) is (status == 200)


def test_weak_tags_never_match() -> None:
    """A weak tag matches nothing, not even the same weak one; the strong one matches itself."""
    if_match('"v1"').require('"v1"')
    with pytest.raises(ProblemError):
        if_match('W/"v1"').require('W/"v1"')
