"""Destroying one tenant takes all of it and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.demo.artifacts import upload_missing
from tests.acceptance.census import differences, lines, take
from tests.acceptance.land import Land


@pytest.fixture
def globex(land: Land) -> Iterator[str]:
    """The tenant, up again at the end."""
    yield "globex"
    land.succeed("up", "globex", "--no-models")
    with land.workspace() as workspace:
        list(upload_missing(workspace, ["globex"]))
    land.succeed("up", "globex")


def test_a_destroyed_tenant_leaves_nothing(land: Land, globex: str) -> None:
    """Of globex nothing is left but its key, which waits for its deletion; acme is as it was, to the byte."""
    before = lines(take(land.client, parts=True))
    own = land.resources(globex) & before.keys()
    assert {kind for kind, _ in own} >= {"aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc", "aws:sagemaker/endpoint:Endpoint"}
    acme, objects = land.state()["bulkhead-tenants/acme.json"], _objects(land, "acme")
    assert objects
    assert _objects(land, globex)

    land.succeed("destroy", globex, "--yes")

    after = lines(take(land.client, parts=True))
    assert differences({each: text for each, text in before.items() if each not in own}, after) == {}
    assert not [each for each, text in after.items() if globex in text]
    assert (land.state()["bulkhead-tenants/acme.json"], _objects(land, "acme")) == (acme, objects)
    assert "bulkhead-tenants/globex.json" not in land.state()
    keys = _keys_by_tenant(land)
    assert (keys[globex], keys["acme"]) == ("PendingDeletion", "Enabled")
    tagged = land.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "tenant", "Values": [globex]}])
    assert {each["ResourceARN"].split(":")[2] for each in tagged["ResourceTagMappingList"]} <= {"kms"}


def _objects(land: Land, tenant: str) -> list[dict[str, Any]]:
    """Every version of every object in a tenant's buckets."""
    listed = land.client("s3").list_buckets()["Buckets"]
    buckets = [each["Name"] for each in listed if each["Name"].startswith(f"bh-dev-{tenant}-")]
    s3 = land.client("s3", provisioning=True)
    return [version for name in buckets for version in s3.list_object_versions(Bucket=name).get("Versions", [])]


def _keys_by_tenant(land: Land) -> dict[str, str]:
    """The state of each tenant's key."""
    kms = land.client("kms")
    states: dict[str, str] = {}
    for key in kms.list_keys()["Keys"]:
        tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]}
        if "tenant" in tags:
            states[tags["tenant"]] = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
    return states


def test_a_protected_tenant_is_not_destroyed(land: Land) -> None:
    """A destroy is refused while the spec prevents it, with the file and the key that say so."""
    before = land.state()
    ended = land.run("destroy", "acme", "globex", "--yes")
    assert ended.code == 2
    for text in ("acme.yaml", "lifecycle.prevent_deletion", "remedy"):
        assert text in ended.err
    assert land.state() == before


def test_the_platform_stays_while_it_carries_tenants(land: Land) -> None:
    """Its destroy is refused, and names them."""
    before = land.state()
    ended = land.run("destroy", "platform", "--yes", "--json")
    assert ended.code == 2
    assert "acme, globex" in ended.err
    assert "bulkhead destroy acme globex" in ended.err
    assert ended.out == ""
    assert land.state() == before


def test_what_is_not_deployed_is_not_destroyed(land: Land) -> None:
    """A tenant that has a spec and no stack: nothing to do, which is no error."""
    land.add("initech", "10.64.1.0/24")
    ended = land.succeed("destroy", "initech", "--yes", "--json")
    assert json.loads(ended.out) == {"stacks": []}
    assert "nothing to do" in ended.err
