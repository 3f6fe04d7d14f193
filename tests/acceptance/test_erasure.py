"""A tenant is erased by the real worker and engine, killed midway: exported, gone, certified, and nobody else hurt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from typing_extensions import override

from infra import naming
from infra.engine.local_state import stack_file
from infra.engine.private_files import private_folder
from infra.jobs import JobStatus
from infra.lifecycle.states import OperationKind, State
from infra.operations.ci_token import ci_token
from infra.operations.projects import tenant_stack
from infra.operations.tenant_sessions import deploy_session
from infra.provisioning import certificates, requests
from infra.provisioning.exports import Exported, export_of, file_url, link
from infra.sandbox.token_issuer import issuer_key
from infra.spec import load_platform
from infra.store import erasures, operations
from infra.store.changes import Asked
from infra.store.database import reading, sqlite_url, transaction
from tests.acceptance.census import differences, lines, take
from tests.acceptance.exports import remove_exports
from tests.acceptance.land import Land
from tests.jobs.job_bench import wait_for
from tests.provisioning.estate_bench import NOW, EstateBench

_TENANT = "hooli"
#: Its id extends the tenant's.
_NEIGHBOUR = "hoolixyz"
_RANGE = "10.64.9.0/24"
_ERASURE = "erase-hooli"


class Service(EstateBench):
    """The database of a home, and workers that run what is asked for on its estate."""

    def __init__(self, land: Land) -> None:
        folder = private_folder(land.home / "service")
        super().__init__(folder, sqlite_url(folder / "service.sqlite"), module="tests.acceptance.run_operations")
        self._land = land

    @override
    def environment(self) -> dict[str, str]:
        return self._land.environment()

    def erase(self, tenant: str) -> None:
        self.settle(tenant, State.ACTIVE)
        asked = Asked(operation=_ERASURE, caller="ada", priority=5, now=NOW)
        arguments = {"export": True, "grace_seconds": 1, "window_days": 7, "requested_by": "ada@platform.example"}
        with transaction(self.database) as connection:
            requests.change(connection, asked, tenant, OperationKind.ERASE, arguments)

    def step(self) -> str | None:
        with reading(self.database) as connection:
            step = operations.get(connection, _ERASURE).operation.step
        return step.name if step else None


@pytest.fixture
def service(land: Land) -> Iterator[Service]:
    service = Service(land)
    yield service
    service.close()


@pytest.fixture
def hooli(land: Land) -> Iterator[str]:
    """A tenant that is deployed and protected, with an object in two versions, and logs of an endpoint."""
    logs = land.client("logs")
    groups = [f"/aws/sagemaker/Endpoints/bh-dev-{tenant}-old" for tenant in (_TENANT, _NEIGHBOUR)]
    try:
        land.add(_TENANT, _RANGE)
        land.edit(_TENANT, "prevent_deletion: false", "prevent_deletion: true")
        land.succeed("up", _TENANT, "--no-models")
        _upload(land)
        for group in groups:
            logs.create_log_group(logGroupName=group)
        yield _TENANT
    finally:
        for group in groups:
            with suppress(logs.exceptions.ResourceNotFoundException):
                logs.delete_log_group(logGroupName=group)
        remove_exports(land)
        if stack_file(land.settings.backend_url, tenant_stack(_TENANT)) is not None:
            land.add(_TENANT, _RANGE)  # one that may be destroyed, whatever the erasure had come to
            land.succeed("destroy", _TENANT, "--yes")


def _upload(land: Land) -> None:
    """Put two versions of an object into the tenant's bucket, as its CI does."""
    with land.workspace() as workspace:
        spec, platform = workspace.estate.tenants[_TENANT], workspace.estate.platform
        session = deploy_session(workspace.cloud, platform, spec, ci_token(spec, issuer_key(land.home / "sandbox")))
        s3 = workspace.cloud.client("s3", session)
        for body in (b"first", b"second"):
            s3.put_object(Bucket=naming.bucket(platform, spec, "models"), Key="tumour/1/model.tar.gz", Body=body)


def test_an_erasure_killed_in_the_destroy_leaves_nothing_but_a_certificate(
    land: Land, hooli: str, service: Service, tmp_path: Path
) -> None:
    before = lines(take(land.client, parts=True))
    own = land.resources(hooli) & before.keys()
    assert {kind for kind, _ in own} >= {"aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:iam/role:Role"}
    state = stack_file(land.settings.backend_url, tenant_stack(hooli))
    assert state is not None
    service.erase(hooli)
    worker = service.start_worker()
    wait_for(
        lambda: service.step() == "remove" and b'"pending_operations"' in state.read_bytes(),
        "the engine in the middle of the destroy", service.folder / "log",
    )  # fmt: skip
    service.kill(worker)
    service.start_worker()
    (job,) = service.wait_until_ended(_ERASURE)
    assert job.status is JobStatus.SUCCEEDED, job.failure
    assert service.state(hooli) is State.ERASED
    assert service.told(_ERASURE)[-2:] == ["tenant.erased", "operation.succeeded"]

    _require_gone(land, hooli, before, own)
    with reading(service.database) as connection:
        kept = erasures.certificate_of(connection, hooli)
    assert kept is not None
    certified = _verified(land, kept.json, tmp_path)
    assert {one["outcome"] for one in certified["removed"]} <= {"removed", "scheduled", "gone"}
    assert {one["kind"] for one in certified["removed"]} >= {"kms:key", "s3:object-version", "state:object", "iam:role"}
    assert {one["kind"] for one in certified["after"]} == {"kms:key"}
    _require_exported(land, certified, export_of(service.database, hooli, datetime.now(UTC)))
    again = land.run("up", hooli)
    assert again.code == 2, "the spec is gone"


def _require_gone(land: Land, tenant: str, before: dict[Any, str], own: set[tuple[str, str]]) -> None:
    platform = load_platform(land.platform)
    changed = differences(
        {each: text for each, text in before.items() if each not in own}, lines(take(land.client, parts=True))
    )
    place = {("aws:s3/bucket:Bucket", naming.exports_bucket(platform))}
    place |= {("aws:kms/alias:Alias", naming.exports_key_alias(platform))}
    shared = {name for name in changed if name[0] == "aws:ec2/securityGroup:SecurityGroup"}
    assert not [name for name in shared if any(physical in changed[name][1] for _, physical in own)], "the cell's group"
    assert {name for name in changed if name[0] != "aws:kms/key:Key"} - place - shared == {
        ("aws:cloudwatch/logGroup:LogGroup", f"/aws/sagemaker/Endpoints/bh-dev-{tenant}-old")
    }
    assert not (land.specs / f"{tenant}.yaml").exists()
    home = [path for path in land.home.rglob(f"*{tenant}*") if "sandbox" not in path.parts]
    assert [path for path in home if _NEIGHBOUR not in path.name] == []


def _verified(land: Land, document: str, folder: Path) -> Any:
    """The certificate, as the tenant verifies it."""
    file, key = folder / "hooli.json", folder / "platform.pub.pem"
    file.write_text(document)
    key.write_text(certificates.public_key(land.settings))
    assert land.succeed("certificate", "verify", str(file), "--key", str(key), "--json").document()["valid"]
    return json.loads(document)["certificate"]


def _require_exported(land: Land, certified: Any, exported: Exported) -> None:
    """The tenant fetches what was its by links, and checks it by the manifest."""
    (export,) = [one for one in certified["kept"] if one["what"].startswith("the export")]
    assert (exported.manifest, exported.expires, exported.objects) == (export["where"], export["until"], 2)
    assert exported.manifest.startswith("s3://bulkhead-exports-dev-")
    fetched: dict[str, bytes] = {}
    for line in _fetched(land, export["where"]).decode().splitlines():
        digest, path = line.split("  ", 1)
        fetched[path] = _fetched(land, file_url(exported, path))
        assert hashlib.sha256(fetched[path]).hexdigest() == digest
    assert fetched.keys() == {"data/spec/hooli.yaml", "data/models/tumour/1/model.tar.gz"}
    assert fetched["data/models/tumour/1/model.tar.gz"] == b"second"
    assert b"id: hooli" in fetched["data/spec/hooli.yaml"]


def _fetched(land: Land, url: str) -> bytes:
    with urlopen(link(land.settings, url)) as answer:  # noqa: S310 - a link that the embedded cloud signed
        return answer.read()
