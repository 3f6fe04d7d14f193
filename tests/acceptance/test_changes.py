"""What a user sees of changes: none where nothing changed, and exactly those that the spec asks for."""

from __future__ import annotations

from land import Land


def test_nothing_changes_twice(land: Land) -> None:
    """Bringing everything up again changes nothing, and says so by its exit code."""
    again = land.run("up", "--all", "--expect-no-changes", "--json")
    assert again.code == 0, again.out
    assert {each["stack"]: each["changed"] for each in again.document()["stacks"]} == {"acme": False, "globex": False}


def test_another_instance_type(land: Land) -> None:
    """A new instance type is a new configuration and an update of the endpoint, and nothing to anybody else."""
    land.edit("acme", "instance_type: ml.m5.large", "instance_type: ml.m5.xlarge")
    planned = land.succeed("preview", "--all", "--json")
    changes = [(each["type"], each["op"]) for each in planned.stack("acme")["changes"]]
    assert sorted(changes) == [
        ("aws:sagemaker/endpoint:Endpoint", "update"),
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "create-replacement"),
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "delete-replaced"),
        ("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "replace"),
    ]
    assert planned.stack("globex")["changed"] is False
    assert land.run("preview", "acme", "--expect-no-changes").code == 3


def test_outputs_and_status(land: Land) -> None:
    """Programs read a tenant's outputs and the state of everything as JSON."""
    outputs = land.succeed("outputs", "acme", "--json").document()
    assert outputs["endpoints"]["tumour"]["name"] == "bh-dev-acme-tumour"
    rows = {row["stack"]: row for row in land.succeed("status", "--json").document()["stacks"]}
    assert {name: row["state"] for name, row in rows.items()} == dict.fromkeys(
        ("platform", "acme", "globex"), "deployed"
    )
    assert rows["acme"]["resources"] > 60


def test_one_failing_tenant_stops_nobody(land: Land) -> None:
    """A tenant whose update fails is told by name and by the exit code; the other one is brought up all the same."""
    sagemaker = land.client("sagemaker")
    land.edit("acme", "max: 4", "max: 3")
    land.edit("globex", "image_tag: 1.0.0", "image_tag: 1.0.1")
    arn = sagemaker.describe_endpoint(EndpointName="bh-dev-globex-cultivar")["EndpointArn"]
    sagemaker.delete_endpoint(EndpointName="bh-dev-globex-cultivar")
    ended = land.run("up", "--all", "--json")
    assert arn
    assert ended.code == 1
    assert {each["stack"]: each["outcome"] for each in ended.document()["stacks"]} == {
        "acme": "succeeded",
        "globex": "failed",
    }
    assert "cultivar" in ended.stack("globex")["error"]["where"]
