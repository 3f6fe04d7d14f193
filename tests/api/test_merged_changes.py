"""In GitOps mode a change of a spec is a commit on a branch, and starts no operation; what is merged is the truth."""

from __future__ import annotations

import json
import shutil
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import anyio
import msgspec
import pytest
from api_service import problem
from whole_service import Whole, adopted, new_tenant

from infra.gitops import Author, GitSpecs, patched
from infra.settings import ROOT
from infra.spec import load_platform
from infra.store import operations
from infra.store.database import reading

pytestmark = pytest.mark.anyio
_SERVICE = Author(name="bulkhead", email="bulkhead@localhost")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A bare repository with the specs of acme and globex."""
    work, bare = tmp_path / "work", tmp_path / "specs.git"
    shutil.copytree(ROOT / "tenant_stacks" / "specs", work / "tenant_stacks" / "specs")
    _git(tmp_path, "init", "-q", "-b", "main", str(work))
    _git(work, "add", ".")
    _git(work, "commit", "-q", "-m", "The specs")
    _git(tmp_path, "clone", "-q", "--bare", str(work), str(bare))
    return bare


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t.example", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


async def test_a_new_tenant_is_proposed(whole: Whole, repository: Path) -> None:
    """The answer names branch and commit; nothing is on the merged branch, and no operation is started."""
    whole.place, whole.merged = GitSpecs(repository, _SERVICE), True
    async with whole.client(sub="ada <admin>") as client:
        answer = await client.post("/v1/tenants", json=new_tenant("umbra"), headers={"Idempotency-Key": "k"})
        again = await client.post("/v1/tenants", json=new_tenant("umbra"), headers={"Idempotency-Key": "k"})
        problem(await client.get("/v1/tenants/umbra"), 404, "not-found")
        problem(await client.post("/v1/tenants", json=new_tenant("acme")), 412, "precondition-failed")
    assert answer.status_code == 202, answer.text
    assert again.content == answer.content
    found = answer.json()
    assert (found["tenant"], found["branch"], found["merged"]) == ("umbra", "bulkhead/umbra", False)
    shown = _git(repository, "show", f"{found['commit']}:tenant_stacks/specs/umbra.yaml")
    assert shown.startswith("id: umbra\n")
    assert _git(repository, "log", "-1", "--format=%an", found["commit"]).strip() == "ada admin"
    assert "umbra" not in _git(repository, "ls-tree", "--name-only", "main", "tenant_stacks/specs/")
    with reading(whole.store) as connection:
        assert operations.page(connection) == []
    entry = next(each for each in whole.log() if each.action == "tenants.create")
    assert json.loads(entry.detail)["commit"] == found["commit"]


async def test_new_tenants_without_a_place_are_proposed_with_one_each(whole: Whole, repository: Path) -> None:
    """Ten at once get ten ranges, although nothing of them is merged yet; asked again, each has its own."""
    whole.place, whole.merged = GitSpecs(repository, _SERVICE), True
    ranges: dict[str, str] = {}

    async def ask(tenant: str) -> None:
        answer = await client.post("/v1/tenants", json=_unplaced(tenant), headers={"Idempotency-Key": tenant})
        assert answer.status_code == 202, answer.text
        shown = _git(repository, "show", f"{answer.json()['commit']}:tenant_stacks/specs/{tenant}.yaml")
        assert "cell: main" in shown
        ranges[tenant] = shown.partition('cidr: "')[2].partition('"')[0]

    async with whole.client() as client, anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(ask, f"umbra{number}")
    assert sorted(ranges.values(), key=IPv4Network) == [f"10.64.{number}.0/24" for number in range(1, 11)]
    found = whole.service.actions.specs.placed("umbra3", _unplaced("umbra3"))[0]
    assert msgspec.convert(found["network"], dict[str, str])["cidr"] == ranges["umbra3"]


async def test_a_proposal_that_needs_a_cell_opens_it_in_the_same_commit(whole: Whole, repository: Path) -> None:
    whole.place, whole.merged = GitSpecs(repository, _SERVICE, platform="platform.yaml"), True
    full: dict[str, object] = {"quotas": {"interface_endpoints_per_vpc": 8}}  # acme has the one place
    _change_platform(whole, repository, full)
    async with whole.client() as client:
        refused = problem(await client.post("/v1/tenants", json=_unplaced("umbra")), 409, "conflict")
        assert "main holds 1 of 1 tenants" in refused["detail"]
        spare = [{"name": "second", "cidr": "10.65.0.0/16"}]
        _change_platform(whole, repository, {"spare_cells": spare, "open_cells": "automatically"})
        answer = await client.post("/v1/tenants", json=_unplaced("umbra"))
    assert answer.status_code == 202, answer.text
    changed = _git(repository, "diff", "--name-only", "main", answer.json()["commit"]).split()
    assert changed == ["platform.yaml", "tenant_stacks/specs/umbra.yaml"]
    platform = _git(repository, "show", f"{answer.json()['commit']}:platform.yaml")
    assert [cell.name for cell in load_platform(whole.platform, platform.encode()).cells] == ["main", "second"]
    assert "# The platform of the demo." in platform


def _unplaced(tenant: str) -> dict[str, object]:
    return {key: value for key, value in new_tenant(tenant).items() if key != "network"}


def _change_platform(whole: Whole, repository: Path, patch: dict[str, object]) -> None:
    """In the service's checkout, and as merged."""
    whole.platform.write_bytes(patched(whole.platform, whole.platform.read_bytes(), patch))
    work = repository.parent / "work"
    shutil.copy(whole.platform, work / "platform.yaml")
    _git(work, "add", ".")
    _git(work, "commit", "-q", "-m", "The platform")
    _git(work, "push", "-q", str(repository), "main")


async def test_a_change_is_proposed(whole: Whole, repository: Path) -> None:
    """Of the version that is merged; a stale one is refused, and so is a second change while one waits."""
    await adopted(whole, "acme")
    merging = Whole(whole.store, whole.folder, whole.issuer, merged=True, place=GitSpecs(repository, _SERVICE))
    async with merging.client() as client:
        tag = (await client.get("/v1/tenants/acme")).headers["etag"]
        patch = {"monthly_budget": {"limit_usd": 1200}}
        stale = {"If-Match": '"stale"'}
        problem(await client.patch("/v1/tenants/acme", json=patch, headers=stale), 412, "precondition-failed")
        answer = await client.patch("/v1/tenants/acme", json=patch, headers={"If-Match": tag})
        assert (answer.status_code, answer.json()["branch"]) == (202, "bulkhead/acme"), answer.text
        other, headers = {"display_name": "Other"}, {"If-Match": tag}
        problem(await client.patch("/v1/tenants/acme", json=other, headers=headers), 412, "precondition-failed")
        assert (await client.get("/v1/tenants/acme")).headers["etag"] == tag
    difference = _git(repository, "diff", "-U0", "main", answer.json()["commit"]).splitlines()
    assert [line for line in difference if line.startswith(("-  ", "+  "))] == [
        "-  limit_usd: 900",
        "+  limit_usd: 1200",
    ]
    with reading(whole.store) as connection:
        assert len(operations.page(connection)) == 1
