"""What a backend keeps of one stack is found and removed, and nothing of a stack whose name extends it."""

from __future__ import annotations

from pathlib import Path

import pytest
from moto import mock_aws

from infra.erasure import state_history
from infra.erasure.state_history import Stack
from tests.erasure import populated

_STACK = Stack("bulkhead-tenants", "acme")
_OWN = (
    ".pulumi/stacks/bulkhead-tenants/acme.json",
    ".pulumi/stacks/bulkhead-tenants/acme.json.bak",
    ".pulumi/history/bulkhead-tenants/acme/acme-1.history.json",
    ".pulumi/history/bulkhead-tenants/acme/acme-1.checkpoint.json",
    ".pulumi/backups/bulkhead-tenants/acme/acme.1.json",
    ".pulumi/locks/organization/bulkhead-tenants/acme/0.json",
)
_OTHERS = (
    ".pulumi/meta.yaml",
    ".pulumi/stacks/bulkhead-tenants/acme.eu.json",
    ".pulumi/stacks/bulkhead-tenants/acmeeu.json",
    ".pulumi/stacks/bulkhead-platform/acme.json",
    ".pulumi/history/bulkhead-tenants/acmeeu/acme-1.history.json",
)


@pytest.mark.parametrize(("keys", "whose"), [(_OWN, True), (_OTHERS, False)])
def test_whose_a_file_is(keys: tuple[str, ...], whose: bool) -> None:
    assert {_STACK.has(key) for key in keys} == {whose}


def test_a_folder(tmp_path: Path) -> None:
    for key in (*_OWN, *_OTHERS):
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_text("{}")
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (tmp_path / _OWN[2]).unlink()
    (tmp_path / _OWN[2]).symlink_to(outside)
    backend = tmp_path.as_uri()
    found = state_history.take(backend, _STACK, populated.account())
    assert {item.id for item in found.items} == set(_OWN)
    results = state_history.remove(backend, found, populated.account())
    assert {one.outcome for one in results} == {"removed"}
    assert {one.outcome for one in state_history.remove(backend, found, populated.account())} == {"gone"}
    assert state_history.take(backend, _STACK, populated.account()).empty
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*_OTHERS, "outside.json"}
    assert not (tmp_path / ".pulumi/history/bulkhead-tenants/acme").exists()


def test_folders_that_are_left_empty_go_and_others_stay(tmp_path: Path) -> None:
    """The engine removes a stack's history by itself, and leaves its folder."""
    history = tmp_path / ".pulumi/history/bulkhead-tenants"
    for folder in ("acme/inner", "acmeeu"):
        (history / folder).mkdir(parents=True)
    kept = tmp_path / ".pulumi/backups/bulkhead-tenants/acme"
    kept.mkdir(parents=True)
    (kept / "acme.1.json").write_text("{}")
    state_history.drop_folders(tmp_path.as_uri(), _STACK)
    assert [path.name for path in history.iterdir()] == ["acmeeu"]
    assert (kept / "acme.1.json").exists()


def test_a_bucket_with_all_its_versions() -> None:
    with mock_aws():
        s3 = populated.client("s3")
        s3.create_bucket(Bucket="state", CreateBucketConfiguration={"LocationConstraint": populated.REGION})
        s3.put_bucket_versioning(Bucket="state", VersioningConfiguration={"Status": "Enabled"})
        for key in (*_OWN, *_OTHERS):
            s3.put_object(Bucket="state", Key=f"team/{key}", Body=b"first")
            s3.put_object(Bucket="state", Key=f"team/{key}", Body=b"second")
        s3.delete_object(Bucket="state", Key=f"team/{_OWN[0]}")
        backend = "s3://state/team?region=eu-central-1"
        found = state_history.take(backend, _STACK, populated.account())
        assert len(found.items) == 2 * len(_OWN) + 1
        state_history.remove(backend, found, populated.account())
        assert state_history.take(backend, _STACK, populated.account()).empty
        versions = s3.list_object_versions(Bucket="state")["Versions"]
        assert len(versions) == 2 * len(_OTHERS)


def test_a_bucket_that_is_not_there_has_nothing() -> None:
    with mock_aws():
        assert state_history.take("s3://none", _STACK, populated.account()).empty


def test_another_backend_is_not_read_and_so_not_empty() -> None:
    found = state_history.take("https://api.pulumi.com", _STACK, populated.account())
    assert not found.empty
    assert found.not_read[0].resource == "https://api.pulumi.com"
