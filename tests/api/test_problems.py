"""Every error is a problem document that says what is wrong and what to do."""

from __future__ import annotations

import json

import httpx
import pytest
from api_service import Service, problem
from fastapi import APIRouter, Depends
from starlette.responses import StreamingResponse

from infra.api.auth.guard import Allow
from infra.api.auth.roles import ApiOperation
from infra.api.problems.kinds import Kind
from infra.errors import UserError

pytestmark = pytest.mark.anyio
GOOD = {"tenant": "acme", "size": 1}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"tenant": "acme", "size": 0}, ["#/size"]),
        ({"tenant": "acme"}, ["#/size"]),
        ({"tenant": 5, "size": "many"}, ["#/tenant", "#/size"]),
        ({**GOOD, "a/b~c d": 1}, ["#/a~1b~0c%20d"]),
        ({**GOOD, "tags": ["x", 7]}, ["#/tags/1"]),
        ([], ["#"]),
    ],
)
async def test_wrong_fields_are_named(service: Service, body: object, fields: list[str]) -> None:
    """A body that does not fit its schema is refused with a JSON Pointer to each field that is wrong."""
    async with service.client() as client:
        document = problem(await client.post("/v1/tenants", json=body), 422, "invalid-request")
        good = await client.post("/v1/tenants", json=GOOD)
    assert [(error["location"], error["field"]) for error in document["errors"]] == [("body", name) for name in fields]
    assert good.status_code == 202


async def test_wrong_parameters_are_named(service: Service) -> None:
    """A query that does not fit is refused with the parameter's name."""
    async with service.client() as client:
        document = problem(await client.get("/v1/tenants?page_size=many&min_size=x"), 422, "invalid-request")
    assert {(error["location"], error["field"]) for error in document["errors"]} == {
        ("query", "page_size"),
        ("query", "min_size"),
    }


async def test_values_are_not_repeated(service: Service) -> None:
    """What a caller sent into a wrong field, which may be a secret, is not in the answer."""
    async with service.client() as client:
        answer = await client.post("/v1/tenants", json={"tenant": "acme", "size": "hunter2", "password": "hunter3"})
    assert "password" in answer.text
    assert "hunter" not in answer.text


async def test_broken_json(service: Service) -> None:
    """A body that is no JSON is a malformed request."""
    async with service.client() as client:
        answer = await client.post("/v1/tenants", content=b"{", headers={"Content-Type": "application/json"})
    assert "character 1" in problem(answer, 400, "malformed-request")["detail"]


async def test_framework_errors_are_problems(service: Service) -> None:
    """An unknown path and a wrong method are problems; the latter says which methods there are."""
    async with service.client() as client:
        problem(await client.get("/v1/nothing"), 404, "not-found")
        wrong = await client.delete("/v1/tenants/acme")
    problem(wrong, 405, "method-not-allowed")
    assert "GET" in wrong.headers["allow"] or "PATCH" in wrong.headers["allow"]


async def test_a_bug_tells_nothing(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    """A bug is answered with no word of the inside; the log has it, with the id that the caller was given."""
    async with service.client() as client:
        answer = await client.get("/v1/fleet", headers={"X-Request-Id": "from-the-caller"})
    problem(answer, 500, "internal-error")
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text
    assert "from-the-caller" in caplog.text


async def test_users_mistakes_keep_their_remedy(service: Service) -> None:
    """A mistake that lower layers report is answered with its place and its remedy."""
    router = APIRouter()

    @router.get("/v1/mistake", dependencies=[Depends(Allow(ApiOperation.FLEET_READ))])
    async def mistake() -> None:  # pyright: ignore[reportUnusedFunction]
        raise UserError("acme and beta share 10.1.0.0/16", "change network.cidr", "specs/beta.yaml")

    service.routers.append(router)
    async with service.client() as client:
        document = problem(await client.get("/v1/mistake"), 422, "invalid-request")
    assert document["detail"] == "specs/beta.yaml: acme and beta share 10.1.0.0/16"
    assert document["remedy"] == "change network.cidr"


async def test_kinds_are_documented_at_their_type(service: Service) -> None:
    """The address in a problem's type answers with what it means, to anybody."""
    async with service.client() as client:
        client.headers.pop("authorization")
        documents = [(await client.get(kind.value.type)).json() for kind in Kind]
        listed = (await client.get("/problems")).json()
        problem(await client.get("/problems/none"), 404, "not-found")
    assert listed == documents
    assert [document["status"] for document in documents] == [kind.value.status for kind in Kind]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("caller-id.1", True), ("short", False), ("a" * 65, False), ("x y	zzzzz", False)],
)
async def test_request_ids(service: Service, given: str, kept: bool) -> None:
    """A caller's id is kept where it is harmless; every answer has one."""
    async with service.client() as client:
        first = await client.get("/healthz", headers={"X-Request-Id": given})
        second = await client.get("/healthz")
    assert (first.headers["x-request-id"] == given) is kept
    assert len({first.headers["x-request-id"], second.headers["x-request-id"]}) == 2
    assert len(second.headers["x-request-id"]) == 32


async def test_openapi_says_problem(service: Service) -> None:
    """The document is OpenAPI 3.1, where every operation may answer with a problem."""
    async with service.client() as client:
        answer = await client.get("/v1/openapi.json")
    document = answer.json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert document["openapi"].startswith("3.1")
    assert len(operations) >= 9
    assert all("application/problem+json" in operation["responses"]["default"]["content"] for operation in operations)
    assert "HTTPValidationError" not in json.dumps(document)
    assert {"Problem", "FieldError"} <= document["components"]["schemas"].keys()
    assert document["paths"]["/v1/tenants"]["get"]["security"] == [{"token": []}]


async def test_an_answer_that_has_begun_is_broken_off(service: Service) -> None:
    """An error after the first byte is no second answer: it goes to the server, which closes the connection."""
    router = APIRouter()

    @router.get("/v1/stream", dependencies=[Depends(Allow(ApiOperation.FLEET_READ))])
    async def stream() -> StreamingResponse:  # pyright: ignore[reportUnusedFunction]
        async def parts():
            yield b"first"
            raise RuntimeError("in the middle")

        return StreamingResponse(parts())

    service.routers.append(router)
    async with service.client() as client:
        with pytest.raises(RuntimeError, match="in the middle"):
            await client.get("/v1/stream")


def test_helper_refuses_what_is_no_problem() -> None:
    """The check that these tests use refuses an answer of another media type, or of another kind."""
    with pytest.raises(AssertionError):
        problem(httpx.Response(404, json={"status": 404, "type": "/problems/not-found"}), 404, "not-found")
