"""The export of an erased tenant by HTTP: found by who may have it, and its links are told nowhere else."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from api_service import START, problem
from sqlalchemy import insert, select
from whole_service import Whole, adopted

from infra.erasure.certificate import Certificate, Signature, SignedCertificate
from infra.erasure.journal import Journal
from infra.erasure.signing import render
from infra.provisioning.erasing import StoredLines
from infra.provisioning.exports import Exported, kept_export, remember
from infra.store.database import reading, transaction
from infra.store.tables import audit_log, erasure_certificates, events

pytestmark = pytest.mark.anyio
MANIFEST = "s3://bulkhead-exports-dev/acme/op-1/manifest-sha256.txt"
PATH = "/v1/tenants/acme/export"


def _exported(whole: Whole) -> Journal:
    """The step of the export has ended; the erasure goes on."""
    journal = Journal(StoredLines(whole.store, "acme"))
    expires = (datetime.fromtimestamp(START).astimezone() + timedelta(days=30)).isoformat(timespec="seconds")
    remember(journal, Exported(manifest=MANIFEST, objects=2, size=4711, expires=expires))
    return journal


def _certified(whole: Whole, journal: Journal, operation: str) -> None:
    """What the last step keeps, as far as the export is concerned; its journal is forgotten."""
    certificate = Certificate(
        version="bulkhead-erasure-1",
        tenant="acme",
        stage="dev",
        account="111122223333",
        region="eu-central-1",
        operation=operation,
        requested_by="ada",
        performed_by="role",
        started="2030-03-17T00:00:00+00:00",
        finished="2030-03-17T00:00:00+00:00",
        before=(),
        removed=(),
        after=(),
        kept=tuple(kept_export(journal)),
    )
    signed = SignedCertificate(certificate, Signature(algorithm="Ed25519", key="0", value="0"))
    values = {"tenant": "acme", "operation": operation, "document": render(signed), "page": ""}
    with transaction(whole.store) as connection:
        connection.execute(insert(erasure_certificates).values(**values, at=whole.issuer.clock.utc()))


async def test_the_tenant_finds_its_export_and_fetches_it_file_by_file(whole: Whole) -> None:
    """While it is being erased, and by the certificate afterwards: the same place."""
    operation = (await adopted(whole, "acme", "globex"))["acme"]
    async with whole.client("tenant-admin", tenant="acme") as owner, whole.client() as admin:
        problem(await owner.get(PATH), 404, "not-found")
        journal = _exported(whole)
        during = await owner.get(PATH)
        assert during.status_code == 200, during.text
        assert during.headers["cache-control"] == "no-store"
        found = during.json()
        assert (found["manifest"], found["objects"], found["size"]) == (MANIFEST, 2, 4711)
        assert (found["path"], found["link_seconds"]) == ("manifest-sha256.txt", 300)
        assert found["link"].startswith(f"https://links.test/{MANIFEST}?")
        _certified(whole, journal, operation)
        for client in (owner, admin):
            assert (await client.get(PATH)).json() == found
        one = (await owner.get(PATH, params={"path": "data/models/tumour 1/100%25.tar.gz"})).json()
        assert "/acme/op-1/data/models/tumour%201/100%25.tar.gz?" in one["link"]


OUTSIDE = (
    "",
    "x",
    "../op-2/manifest-sha256.txt",
    "data/../../op-2/x",
    "data//x",
    "/data/x",
    "data/%2e%2e/x",
    "data/\n",
)


@pytest.mark.parametrize("path", OUTSIDE)
async def test_a_path_does_not_leave_the_export(whole: Whole, path: str) -> None:
    await adopted(whole, "acme")
    _exported(whole)
    async with whole.client() as client:
        problem(await client.get(PATH, params={"path": path}), 404, "not-found")
        assert (await client.get(PATH, params={"path": "data/x"})).status_code == 200


async def test_who_may_not_have_the_data_has_no_link(whole: Whole) -> None:
    """Neither operators nor auditors nor the administrator of another tenant; an export that is deleted has none."""
    await adopted(whole, "acme", "globex")
    _exported(whole)
    for role, tenant in (("operator", None), ("auditor", None), ("tenant-admin", "globex")):
        async with whole.client(role, tenant=tenant) as client:
            refused = await client.get(PATH)
            problem(refused, 403, "forbidden")
            assert "exports-dev" not in refused.text
    async with whole.client() as client:
        assert (await client.get(PATH)).status_code == 200
    whole.issuer.clock.seconds += timedelta(days=31).total_seconds()
    async with whole.client() as client:
        assert "was deleted" in problem(await client.get(PATH), 404, "not-found")["detail"]


async def test_a_link_is_in_its_answer_alone(whole: Whole, caplog: pytest.LogCaptureFixture) -> None:
    """The call is in the audit log, without the path that was asked for; no event and no log has the link."""
    await adopted(whole, "acme")
    _exported(whole)
    async with whole.client() as client:
        link = (await client.get(PATH, params={"path": "data/sesame"})).json()["link"]
    assert "secret" in link
    with reading(whole.store) as connection:
        told = [json.dumps([str(each) for each in row]) for table in (audit_log, events) for row in
                connection.execute(select(table)).all()]  # fmt: skip
    assert [each for each in told if "exports.read" in each]
    for text in (*told, caplog.text):
        assert "secret" not in text
        assert "sesame" not in text
