"""A proposed spec is checked, then previewed elsewhere; a tenant's administrator sees what is its own of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from api_service import problem
from whole_service import PREVIEW, Whole, adopted, new_tenant

from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.store.database import transaction
from infra.store.erasures import StoredCertificate, keep_certificate

pytestmark = pytest.mark.anyio
_NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_as_it_is(whole: Whole) -> None:
    """Nothing is proposed: the file as it is."""
    await adopted(whole, "acme")
    async with whole.client("auditor") as client:
        answer = await client.get("/v1/tenants/acme/preview")
        assert (await client.post("/v1/tenants/acme/preview", json={})).status_code == 200
    assert answer.status_code == 200, answer.text
    assert (answer.json()["verdict"], answer.json()["unchanged"]) == ("Proved", 62)
    assert whole.asked == [("acme", None)] * 2


async def test_a_patch_and_a_whole_spec(whole: Whole) -> None:
    """A patch is made of the file as it is, a whole spec may be of a tenant that is not there; nothing is written."""
    await adopted(whole, "acme")
    before = whole.spec_of("acme")
    async with whole.client() as client:
        body: dict[str, Any] = {"patch": {"monthly_budget": {"limit_usd": 1200}}}
        assert (await client.post("/v1/tenants/acme/preview", json=body)).status_code == 200
        body = {"spec": new_tenant("umbra")}
        assert (await client.post("/v1/tenants/umbra/preview", json=body)).status_code == 200
    (_, patched), (tenant, content) = whole.asked
    assert patched == before.replace("limit_usd: 900", "limit_usd: 1200").encode()
    assert tenant == "umbra"
    assert content is not None
    assert content.startswith(b"id: umbra\n")
    assert whole.spec_of("acme") == before
    assert not (whole.specs / "umbra.yaml").exists()


@pytest.mark.parametrize(
    ("tenant", "body", "status"),
    [
        ("acme", {"patch": {"tier": "gold"}}, 422),
        ("acme", {"patch": {}, "spec": {}}, 422),
        ("acme", {"spec": new_tenant("globex")}, 422),
        ("absent", {"patch": {"display_name": "X"}}, 404),
        ("acme", {"patch": {"display_name": "a\u0000b"}}, 422),
        ("acme", {"surprise": 1}, 422),
    ],
)
async def test_what_cannot_be_is_not_previewed(whole: Whole, tenant: str, body: dict[str, Any], status: int) -> None:
    """No engine is started for it."""
    await adopted(whole, "acme")
    async with whole.client() as client:
        answer = await client.post(f"/v1/tenants/{tenant}/preview", json=body)
    assert answer.status_code == status, answer.text
    assert whole.asked == []


async def test_a_tenants_administrator_sees_no_other_tenant(whole: Whole) -> None:
    """Rights of and on others are counted, and not shown; an auditor sees them."""
    await adopted(whole, "acme")
    async with whole.client("tenant-admin", tenant="acme") as client:
        found = (await client.get("/v1/tenants/acme/preview")).json()
        problem(await client.post("/v1/tenants/acme/preview", json={"patch": {"tier": "silo"}}), 403, "forbidden")
        assert (await client.post("/v1/tenants/acme/preview", json={"patch": {"display_name": "X"}})).status_code == 200
    assert [(each["owner"], each["of"]) for each in found["gained"]] == [("acme", "acme"), ("acme", "the platform")]
    assert found["of_others"] == 2
    async with whole.client("auditor") as client:
        assert len((await client.get("/v1/tenants/acme/preview")).json()["gained"]) == len(PREVIEW["gained"])


@pytest.mark.parametrize(
    ("failure_class", "status", "slug"),
    [
        (FailureClass.USER, 422, "invalid-request"),
        (FailureClass.QUOTA, 409, "conflict"),
        (FailureClass.TRANSIENT, 503, "unavailable"),
        (FailureClass.INTERNAL, 500, "internal-error"),
    ],
)
async def test_a_preview_that_fails(whole: Whole, failure_class: FailureClass, status: int, slug: str) -> None:
    """It is answered by the class of its failure; of a defect nothing is told."""

    def fails(tenant: str, content: bytes | None, timeout: float) -> Mapping[str, Any]:
        raise StepFailed(failure_class, f"it was hunter2 of {tenant}, {content}, {timeout}", "mend it")

    whole.preview = fails
    await adopted(whole, "acme")
    async with whole.client() as client:
        answer = await client.get("/v1/tenants/acme/preview")
    document = problem(answer, status, slug)
    assert ("hunter2" in document["detail"]) is (failure_class is not FailureClass.INTERNAL)


async def test_reports_are_found_once_in_a_while(whole: Whole) -> None:
    """Capacity and fleet are given again for some seconds, each its own."""
    whole.clock = whole.issuer.clock
    async with whole.client("auditor") as client:
        assert [(await client.get("/v1/capacity")).json() for _ in range(3)] == [{"found": 1}] * 3
        assert (await client.get("/v1/fleet")).json() == {"found": 2}
        whole.issuer.clock.seconds += 16
        assert (await client.get("/v1/capacity")).json() == {"found": 3}


async def test_me(whole: Whole) -> None:
    """A caller is told who it is, what it may ask for, and which keys it may change."""
    async with whole.client("tenant-admin", tenant="acme") as client:
        own = (await client.get("/v1/me")).json()
    async with whole.client("operator") as client:
        operator = (await client.get("/v1/me")).json()
    assert (own["subject"], own["roles"], own["tenant"]) == ("ada", ["tenant-admin"], "acme")
    assert "tenants.update" in own["operations"]
    assert "tenants.create" not in own["operations"]
    assert "models" in own["own_keys"]
    assert operator["own_keys"] is None
    assert "tenants.erase" not in operator["operations"]


async def test_a_certificate(whole: Whole) -> None:
    """Who was erased has one, as JSON and as a page; its own administrator may read it, and nobody else's."""
    operation = (await adopted(whole, "acme"))["acme"]
    stored = StoredCertificate(tenant="acme", operation=operation, json='{"signed": 1}', pdf=b"%PDF-1.7", at=_NOW)
    async with whole.client("tenant-admin", tenant="acme") as client:
        problem(await client.get("/v1/tenants/acme/certificate"), 404, "not-found")
        with transaction(whole.store) as connection:
            keep_certificate(connection, stored)
        answer = await client.get("/v1/tenants/acme/certificate")
        assert (answer.json(), answer.headers["content-type"]) == ({"signed": 1}, "application/json")
        page = await client.get("/v1/tenants/acme/certificate?format=pdf")
        assert (page.content, page.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
        whole.specs.joinpath("acme.yaml").unlink()
        assert (await client.get("/v1/tenants/acme")).json()["spec"] == {"id": "acme"}
        assert [each["tier"] for each in (await client.get("/v1/tenants")).json()["items"]] == [""]
