"""What a user sees of changes: none where nothing changed, and exactly those that the spec asks for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.land import Land

CONFIGURATION = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"


def test_nothing_changes_twice(land: Land) -> None:
    """Bringing everything up again changes nothing, and says so by its exit code."""
    again = land.run("up", "platform", "acme", "globex", "--expect-no-changes", "--json")
    assert again.code == 0, again.said()
    assert {each["stack"]: each["changed"] for each in again.document()["stacks"]} == {
        "platform": False,
        "acme": False,
        "globex": False,
    }


def test_another_instance_type(land: Land) -> None:
    """A new instance type is a new configuration and an update of the endpoint, and nothing to anybody else."""
    land.edit("acme", "instance_type: ml.m5.large", "instance_type: ml.m5.xlarge")
    planned = land.run("preview", "--all", "--json", "--expect-no-changes")
    assert planned.code == 3, planned.said()
    acme, globex = planned.stack("acme"), planned.stack("globex")
    changes = [(each["type"], each["op"]) for each in acme["changes"]]
    assert changes == [
        (CONFIGURATION, "create-replacement"),
        (CONFIGURATION, "replace"),
        ("aws:sagemaker/endpoint:Endpoint", "update"),
        (CONFIGURATION, "delete-replaced"),
    ]
    assert "productionVariants[0].instanceType" in acme["changes"][0]["diff"]
    assert {op: count for op, count in acme["summary"].items() if op != "same"} == {"replace": 1, "update": 1}
    assert (globex["changed"], globex["changes"]) == (False, [])


def test_outputs_and_status(land: Land) -> None:
    """Programs read a tenant's outputs and the state of everything as JSON, people as tables."""
    outputs = land.succeed("outputs", "acme", "--json").document()
    assert outputs["endpoints"]["tumour"]["name"] == "bh-dev-acme-tumour"
    assert outputs["buckets"].keys() == {"data", "models", "capture"}
    rows = {row["stack"]: row for row in land.succeed("status", "--json").document()["stacks"]}
    assert {name: (row["state"], row["tier"]) for name, row in rows.items()} == {
        "platform": ("deployed", None),
        "acme": ("deployed", "pool"),
        "globex": ("deployed", "silo"),
    }
    assert rows["acme"]["resources"] > 60
    assert "deployed" in land.succeed("status").out


@pytest.fixture
def occupied(land: Land) -> Iterator[str]:
    """Somebody else has made what globex is going to make."""
    sagemaker = land.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="bh-dev-globex-vintage")
    yield "bh-dev-globex-vintage"
    sagemaker.delete_model_package_group(ModelPackageGroupName="bh-dev-globex-vintage")


def test_one_failing_tenant_stops_nobody(land: Land, occupied: str) -> None:
    """A tenant whose update fails is told by name and by the exit code; the other one is brought up all the same."""
    land.edit("acme", "max: 4", "max: 3")
    entry = "{name: vintage, framework: sklearn, image_tag: 1.0.0, artifact: {key: v/1/model.tar.gz}, serve_on: none}"
    further = f"  - {entry}\n"
    land.edit("globex", "models:\n", f"models:\n{further}")
    ended = land.run("up", "--all", "--json")
    assert ended.code == 1, ended.said()
    results = {each["stack"]: each["outcome"] for each in ended.document()["stacks"]}
    assert results == {"acme": "succeeded", "globex": "failed"}
    assert [each["op"] for each in ended.stack("acme")["changes"]] == ["update"]
    error = ended.stack("globex")["error"]
    assert "vintage" in error["where"]
    assert occupied in error["message"]
    assert error["remedy"]
    assert "Traceback" not in ended.said()
    land.edit("acme", "max: 3", "max: 4")
    land.edit("globex", further, "")
    assert land.run("up", "--all", "--json").code == 0
