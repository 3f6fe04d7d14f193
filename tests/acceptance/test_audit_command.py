"""`bulkhead audit` as a user runs it: quiet after the demo, and by its exit code what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra import naming
from infra.policies.reading import reading
from tests.acceptance.land import Land


def _bucket(land: Land) -> str:
    with land.workspace() as workspace:
        return naming.bucket(workspace.estate.platform, workspace.estate.tenants["acme"], "data")


def test_after_the_demo_nothing_differs_and_isolation_is_proven(land: Land, tmp_path: Path) -> None:
    page = tmp_path / "audit.md"
    ended = land.succeed("audit", "--json", "--markdown", str(page))
    document = ended.document()
    assert (document["verdict"], document["differences"], document["not_read"]) == ("Proved", [], [])
    assert document["proof"]["tenants"] == ["acme", "globex"]
    assert page.read_text().startswith("## ")


def test_what_is_missing_is_told_and_the_exit_code_says_so(land: Land) -> None:
    s3: Any = land.client("s3", provisioning=True)
    bucket = _bucket(land)
    before = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=bucket)
    try:
        ended = land.run("audit", "--tenant", "acme")
    finally:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=before)
    assert ended.code == 3, ended.said()
    assert f"missing     BucketPublicAccessBlock {bucket} of acme" in ended.out


def test_a_tenant_that_is_not_there_is_bad_usage(land: Land) -> None:
    ended = land.run("audit", "--tenant", "acne")
    assert ended.code == 2
    assert "did you mean 'acme'?" in ended.err


def test_the_policy_that_an_audit_needs_is_printed_without_an_audit(tmp_path: Path) -> None:
    document = Land(tmp_path).succeed("audit", "--print-policy").document()
    assert document == reading().to_json()


def test_a_page_that_cannot_be_written_is_said_before_anything_is_read(land: Land, tmp_path: Path) -> None:
    ended = land.run("audit", "--markdown", str(tmp_path / "none" / "audit.md"))
    assert ended.code == 2
    assert "its folder does not exist" in ended.err
    assert ended.out == ""
