"""Tenants are asked for, listed, read and changed over HTTP; what is accepted is kept as one whole, or not at all."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import pytest
from api_service import problem
from whole_service import Whole, adopted, new_tenant

from infra.gitops import patched
from infra.gitops.patching import new_spec
from infra.jobs import tickets
from infra.store import operations, tenants
from infra.store.database import reading

pytestmark = pytest.mark.anyio
MERGE = {"Content-Type": "application/merge-patch+json"}


async def _patch(
    client: httpx.AsyncClient, tenant: str, patch: object, tag: str | None = None, **headers: str
) -> httpx.Response:
    tag = tag or (await client.get(f"/v1/tenants/{tenant}")).headers["etag"]
    content = json.dumps(patch).encode()
    return await client.patch(f"/v1/tenants/{tenant}", content=content, headers={**MERGE, "If-Match": tag, **headers})


async def test_a_tenant_is_asked_for(whole: Whole) -> None:
    """The answer is 202 with the operation's address; tenant, operation and job are kept together."""
    spec = new_tenant("umbra")
    async with whole.client("operator") as client:
        answer = await client.post("/v1/tenants", json=spec)
        assert answer.status_code == 202, answer.text
        operation = answer.json()
        assert answer.headers["location"] == f"/v1/operations/{operation['id']}"
        assert answer.headers["retry-after"] == "2"
        assert (operation["kind"], operation["state"], operation["percent"], operation["step"]) == (
            "onboard",
            "pending",
            0,
            "validate",
        )
        followed = (await client.get(answer.headers["location"])).json()
        assert followed == operation
        tenant = (await client.get("/v1/tenants/umbra")).json()
    assert (tenant["state"], tenant["spec"], tenant["operation"]) == ("requested", spec, operation["id"])
    with reading(whole.store) as connection:
        job = tickets.get(connection, operation["id"])
    assert (job.request.kind, job.request.tenant, job.request.arguments) == ("onboard", "umbra", {"spec": spec})


async def test_a_tenant_that_leaves_its_place_out_is_asked_for(whole: Whole) -> None:
    """Its operation chooses the place; all else of the spec is checked at once."""
    spec = {key: value for key, value in new_tenant("umbra").items() if key != "network"}
    async with whole.client("operator") as client:
        wrong = problem(await client.post("/v1/tenants", json={**spec, "owner": "nobody"}), 422, "invalid-request")
        assert [each["field"] for each in wrong["errors"]] == ["#/owner"]
        nowhere = await client.post("/v1/tenants", json={**spec, "network": {"cell": "nowhere"}})
        assert [each["field"] for each in problem(nowhere, 422, "invalid-request")["errors"]] == ["#/network/cell"]
        answer = await client.post("/v1/tenants", json=spec)
        assert answer.status_code == 202, answer.text
        assert (await client.get("/v1/tenants/umbra")).json()["spec"] == spec
    with reading(whole.store) as connection:
        assert tickets.get(connection, answer.json()["id"]).request.arguments == {"spec": spec}


async def test_repeated_with_a_key_it_is_asked_for_once(whole: Whole) -> None:
    """The same request under the same key gets the same answer; without a key it is a duplicate, which is refused."""
    async with whole.client() as client:
        key = {"Idempotency-Key": "one"}
        first = await client.post("/v1/tenants", json=new_tenant("umbra"), headers=key)
        second = await client.post("/v1/tenants", json=new_tenant("umbra"), headers=key)
        assert (second.status_code, second.content) == (202, first.content)
        assert second.headers["location"] == first.headers["location"]
        problem(await client.post("/v1/tenants", json=new_tenant("umbra")), 409, "conflict")
        other = await client.post("/v1/tenants", json=new_tenant("umbra", display_name="X"), headers=key)
        problem(other, 422, "idempotency-key-reused")
    with reading(whole.store) as connection:
        assert len(operations.page(connection)) == 1


async def test_ten_at_once_make_one(whole: Whole) -> None:
    """Ten that ask for the same tenant at the same time: one is accepted, nine are told that it exists."""
    answers: list[int] = []
    async with whole.client() as client, anyio.create_task_group() as group:

        async def ask() -> None:
            answers.append((await client.post("/v1/tenants", json=new_tenant("umbra"))).status_code)

        for _ in range(10):
            group.start_soon(ask)
    assert sorted(answers) == [202] + [409] * 9


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"tier": "gold"}, "#/tier"),
        ({"monthly_budget": {"limit_usd": "much", "contacts": ["a@b.example"]}}, "#/monthly_budget/limit_usd"),
        ({"surprise": 1}, "#/surprise"),
        ({"owner": None}, "#/owner"),
    ],
)
async def test_a_wrong_spec_is_refused_with_all_that_is_wrong(whole: Whole, change: dict[str, Any], field: str) -> None:
    """422 names each field; nothing is kept."""
    async with whole.client() as client:
        document = problem(await client.post("/v1/tenants", json=new_tenant("umbra", **change)), 422, "invalid-request")
        assert field in [each["field"] for each in document["errors"]]
        problem(await client.get("/v1/tenants/umbra"), 404, "not-found")


@pytest.mark.parametrize("spec", [{}, {"id": None}, {"id": "../x"}, {"id": "platform"}, {"id": ["umbra"]}, {"id": 5}])
async def test_a_spec_without_a_tenants_id_is_refused(whole: Whole, spec: dict[str, Any]) -> None:
    """Whatever stands there: an id becomes part of paths."""
    async with whole.client() as client:
        problem(await client.post("/v1/tenants", json=spec), 422, "invalid-request")


async def test_validating_only_keeps_nothing(whole: Whole) -> None:
    """A spec is checked alone and, in a process of its own, beside all others; a wrong one is refused."""
    async with whole.client() as client:
        assert (await client.post("/v1/tenants?validate_only=true", json=new_tenant("umbra"))).status_code == 204
        assert [tenant for tenant, _ in whole.asked] == ["umbra"]
        wrong = new_tenant("umbra", tier="gold")
        problem(await client.post("/v1/tenants?validate_only=true", json=wrong), 422, "invalid-request")
        assert (await client.get("/v1/tenants")).json()["items"] == []


async def test_a_spec_that_was_made_past_the_service(whole: Whole) -> None:
    """Another spec than the one of a file that is there is refused; the same takes the tenant over."""
    async with whole.client() as client:
        problem(await client.post("/v1/tenants", json=new_tenant("acme", "10.64.0.0/24")), 409, "conflict")
    assert await adopted(whole, "acme")
    async with whole.client() as client:
        assert (await client.get("/v1/tenants/acme")).json()["state"] == "active"


async def test_lists_by_filter_and_page(whole: Whole) -> None:
    """By state, tier and Region; pages follow each other without gap or repetition."""
    await adopted(whole, "acme", "globex")
    async with whole.client() as client:
        for index in range(5):
            spec = new_tenant(f"extra{index}", f"10.64.{10 + index}.0/24")
            assert (await client.post("/v1/tenants", json=spec)).status_code == 202

        async def ids(query: str) -> list[str]:
            answer = await client.get(f"/v1/tenants?{query}")
            assert answer.status_code == 200, answer.text
            return [each["id"] for each in answer.json()["items"]]

        assert await ids("state=active") == ["acme", "globex"]
        assert await ids("tier=silo") == ["globex"]
        assert await ids("tier=pool&state=requested&state=active") == ["acme", *(f"extra{each}" for each in range(5))]
        assert await ids("region=eu-west-1") == []
        seen: list[str] = []
        token = ""
        while True:
            page = (await client.get(f"/v1/tenants?page_size=2&tier=pool&page_token={token}")).json()
            seen += [each["id"] for each in page["items"]]
            token = page["next_page_token"]
            if not token:
                break
        assert seen == ["acme", *(f"extra{each}" for each in range(5))]


async def test_a_tag_follows_file_and_state(whole: Whole) -> None:
    """An edit by hand and a change of the state make another version; nothing else does."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        first = await client.get("/v1/tenants/acme")
        tag = first.headers["etag"]
        assert (await client.get("/v1/tenants/acme", headers={"If-None-Match": tag})).status_code == 304
        whole.write("acme", whole.spec_of("acme") + "\n# edited by hand\n")
        edited = (await client.get("/v1/tenants/acme")).headers["etag"]
        assert edited != tag
        problem(await _patch(client, "acme", {"display_name": "X"}, tag), 412, "precondition-failed")
        operation = (await _patch(client, "acme", {"display_name": "X"}, edited)).json()["id"]
        whole.end_operation(operation)
        assert (await client.get("/v1/tenants/acme")).headers["etag"] == edited


async def test_a_patch_becomes_an_operation(whole: Whole) -> None:
    """Its job has the new file, with the comments of the old, the old one and its tag; nothing is written yet."""
    await adopted(whole, "acme")
    before = whole.spec_of("acme")
    async with whole.client() as client:
        answer = await _patch(client, "acme", {"monthly_budget": {"limit_usd": 1200}})
        assert answer.status_code == 202, answer.text
        assert answer.json()["kind"] == "update"
    with reading(whole.store) as connection:
        arguments = tickets.get(connection, answer.json()["id"]).request.arguments
    assert arguments["former"] == before == whole.spec_of("acme")
    assert arguments["content"] == before.replace("limit_usd: 900", "limit_usd: 1200")
    assert arguments["expected"].startswith('"')


@pytest.mark.parametrize(
    ("patch", "kind"),
    [
        ({"lifecycle": {"state": "suspended"}}, "suspend"),
        ({"tier": "silo", "network": {"cell": None, "cidr": "10.90.0.0/22"}}, "move"),
        ({"models": []}, "update"),
    ],
)
async def test_kinds_of_changes(whole: Whole, patch: dict[str, Any], kind: str) -> None:
    """What a patch changes decides what is done."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        answer = await _patch(client, "acme", patch)
        assert (answer.status_code, answer.json()["kind"]) == (202, kind), answer.text


async def test_a_state_changes_alone(whole: Whole) -> None:
    """Closing access together with another change is two changes."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        patch = {"lifecycle": {"state": "suspended"}, "display_name": "X"}
        document = problem(await _patch(client, "acme", patch), 422, "invalid-request")
    assert "alone" in document["remedy"]


async def test_a_patch_of_nothing(whole: Whole) -> None:
    """What changes nothing starts nothing, and answers with the tenant."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        answer = await _patch(client, "acme", {"tier": "pool"})
        assert (answer.status_code, answer.json()["id"], answer.json()["operation"]) == (200, "acme", None)


async def test_a_patch_of_nothing_mends_what_failed_in_a_change(whole: Whole) -> None:
    """A move that failed past its way back: an update is started, with the spec as it is, for nothing else would end
    the move. An onboarding that failed is asked for as such."""
    await adopted(whole, "acme")
    silo = {"tier": "silo", "network": {"cell": None, "cidr": "10.96.0.0/22"}}
    async with whole.client() as client:
        moved = (await _patch(client, "acme", silo)).json()
        assert moved["kind"] == "move"
        file = whole.specs / "acme.yaml"
        file.write_bytes(patched(file, file.read_bytes(), silo))
        whole.fail_operation(moved["id"], "remove old network")
        assert (await client.get("/v1/tenants/acme")).json()["state"] == "failed"
        answer = await _patch(client, "acme", {})
        assert (answer.status_code, answer.json()["kind"]) == (202, "update"), answer.text
        with reading(whole.store) as connection:
            arguments = tickets.get(connection, answer.json()["id"]).request.arguments
        assert arguments["content"] == arguments["former"] == file.read_text()
        asked = (await client.post("/v1/tenants", json=new_tenant("umbra"))).json()
        (whole.specs / "umbra.yaml").write_bytes(new_spec(new_tenant("umbra")))
        whole.fail_operation(asked["id"], "apply")
        assert (await _patch(client, "umbra", {})).status_code == 200


async def test_two_patches_at_once(whole: Whole) -> None:
    """Of two changes of the same version one is made, and the other told that one runs."""
    await adopted(whole, "acme")
    answers: list[httpx.Response] = []
    async with whole.client() as client:
        tag = (await client.get("/v1/tenants/acme")).headers["etag"]
        async with anyio.create_task_group() as group:

            async def change(name: str) -> None:
                answers.append(await _patch(client, "acme", {"display_name": name}, tag))

            group.start_soon(change, "One")
            group.start_soon(change, "Two")
    assert sorted(each.status_code for each in answers) == [202, 409]


async def test_a_patch_says_which_version_it_is_of(whole: Whole) -> None:
    """Without If-Match 428, with a stale one 412, of an unknown tenant 404, while an operation runs 409."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        problem(await client.patch("/v1/tenants/acme", json={}, headers=MERGE), 428, "precondition-required")
        stale = problem(await _patch(client, "acme", {"display_name": "X"}, '"stale"'), 412, "precondition-failed")
        assert "If-Match" in stale["remedy"]
        problem(await _patch(client, "absent", {"display_name": "X"}, "*"), 404, "not-found")
        assert (await client.post("/v1/tenants/acme:suspend")).status_code == 202
        problem(await _patch(client, "acme", {"display_name": "X"}, "*"), 409, "conflict")


async def test_a_crash_between_commit_and_answer(whole: Whole) -> None:
    """A request whose change was committed and whose process died is answered with that change when it is repeated."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        key = {"Idempotency-Key": "crash"}
        keys = whole.service.once.store
        finish, release = type(keys).finish, type(keys).release
        try:
            # The process dies after the commit: neither is the answer kept, nor the key freed.
            type(keys).finish = _dies  # pyright: ignore[reportAttributeAccessIssue]
            first = await client.post("/v1/tenants/acme:suspend", headers=key)
        finally:
            type(keys).finish, type(keys).release = finish, release
        assert first.status_code == 500
        problem(await client.post("/v1/tenants/acme:suspend", headers=key), 409, "idempotency-key-in-use")
        whole.issuer.clock.seconds += 121
        again = await client.post("/v1/tenants/acme:suspend", headers=key)
        assert again.status_code == 202
        problem(await client.post("/v1/tenants/acme:suspend"), 409, "conflict")
    with reading(whole.store) as connection:
        running = operations.running(connection, "acme")
    assert running is not None
    assert again.json()["id"] == running.operation.id


def _dies(*_: object) -> None:
    raise RuntimeError("killed")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"a":' * 15_000, 400),
        (b'{"id": "umbra", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", 400),
        (b'{"id": NaN}', 422),
        (b'{"id": "umbra", "x": ' + b"9" * 6_000 + b"}", 400),
        (b'{"id": "umbra", "display_name": "a\\u0000b"}', 422),
        (b'{"id": "umbra", "display_name": "\\ud800"}', 422),
        (b'{"\\ud800": 1, "id": "umbra"}', 422),
        (b'{"id": "umbra", "\\u202e": "x"}', 422),
        (b'{"id": "umbra\\u0000"}', 422),
        (b'{"id": "\xff"}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b"", 422),
        (b'{"id": "umbra"}' + b" " * 100_000, 413),
    ],
    ids=range(14),
)
async def test_odd_bodies(whole: Whole, body: bytes, status: int) -> None:
    """Whatever is sent is refused as what it is."""
    async with whole.client() as client:
        answer = await client.post("/v1/tenants", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    with reading(whole.store) as connection:
        assert tenants.page(connection) == []


@pytest.mark.parametrize(
    "patch", [{"\ud800": 1}, {"display_name": "\udfff"}, {"display_name": "a\0b"}, {"tags": {"a\0": "b"}}]
)
async def test_odd_patches(whole: Whole, patch: dict[str, Any]) -> None:
    """The same for patches: nothing is started."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        problem(await _patch(client, "acme", patch, "*"), 422, "invalid-request")


@pytest.mark.parametrize("tenant", ["a%00b", "ACME", "..%2f..", "%ff", "x" * 300, "acme%20", "\uff41cme"])
async def test_odd_ids(whole: Whole, tenant: str) -> None:
    """An id that cannot be one is refused, with no hint of what there is."""
    async with whole.client() as client:
        answer = await client.get(f"/v1/tenants/{tenant}")
    assert answer.status_code in (404, 422), answer.text
