"""Runs that die in the middle: the next one finds what they left, makes nothing twice and orphans nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable

import psutil

from tests.acceptance.census import ids, take
from tests.acceptance.conftest import Demo
from tests.acceptance.killing import engines, kill, processes, remains, still, wait_for
from tests.acceptance.land import Ended, Land


def has_key(land: Land) -> bool:
    """Whether initech's key is there, among the first things of a tenant."""
    aliases = land.client("kms").list_aliases()["Aliases"]
    return "alias/bulkhead/dev/initech" in {each["AliasName"] for each in aliases}


def has_endpoint(land: Land) -> bool:
    """Whether an endpoint of its network is there."""
    endpoints = land.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    names = [tag["Value"] for each in endpoints for tag in each["Tags"] if tag["Key"] == "Name"]
    return any(name.startswith("bh-dev-initech-") for name in names)


def has_bucket(land: Land) -> bool:
    """Whether a bucket is there, among the last things."""
    return any(each["Name"].startswith("bh-dev-initech-") for each in land.client("s3").list_buckets()["Buckets"])


def has_new_configuration(land: Land) -> bool:
    """Whether acme has a second endpoint configuration: the first is about to be replaced."""
    found = land.client("sagemaker").list_endpoint_configs(NameContains="bh-dev-acme-tumour-")["EndpointConfigs"]
    return len(found) > 1


def struck(
    land: Land, command: list[str], moment: Callable[[Land], bool], strike: Callable[[list[psutil.Process]], None]
) -> Ended:
    """Run a command; at the moment hold the cloud still, so that requests are on their way, and strike the run."""
    cloud = land.sandbox.status().pid
    assert cloud is not None
    run = land.start(*command)
    wait_for(lambda: moment(land), run)
    with still(cloud):
        strike(processes(run))
    out, _ = run.communicate()
    return Ended(run.returncode, out, "")


def states(land: Land) -> dict[str, str]:
    """The state of each stack."""
    return {row["stack"]: row["state"] for row in land.succeed("status", "--json").document()["stacks"]}


def assert_settled(demo: Demo) -> None:
    """Cloud and state agree, nothing is doubled, nothing is orphaned, and nothing runs any more."""
    there = take(demo.land.client)
    assert ids(there) - demo.empty == {each for each in demo.land.resources() if each[0] in there}
    assert set(states(demo.land).values()) == {"deployed"}
    assert remains(demo.land) == []


def test_a_killed_up_is_finished_by_the_next(demo: Demo, land: Land, initech: str) -> None:
    """Killed again and again, at other moments and in other ways, a tenant comes up whole in the end."""
    up = ["up", initech, "--no-models"]

    everything = struck(land, up, has_key, kill)
    assert everything.code == -signal.SIGKILL
    assert states(land)[initech] == "unfinished"
    doctor = land.run("doctor", "--json")
    (runs,) = (each for each in doctor.document()["checks"] if each["name"] == "runs")
    assert (doctor.code, runs["ok"]) == (1, False)
    assert f"bulkhead-tenants/{initech}" in runs["detail"]

    engine = struck(land, up, has_endpoint, lambda run: kill(engines(run)))
    assert engine.code == 1, engine.out
    assert "recovered: " in engine.out
    assert "killed" in engine.out
    assert "remedy: run again" in engine.out
    assert "Traceback" not in engine.out

    command = struck(land, up, has_bucket, lambda run: kill(run[:1]))
    assert command.code == -signal.SIGKILL

    last = land.run(*up)
    assert last.code == 0, last.said()
    assert "recovered: " in last.err
    assert_settled(demo)
    assert land.run("doctor").code == 0
    plain = land.plain(
        f"cd tenant_stacks; pulumi preview --refresh --expect-no-changes --stack {initech} -c bulkhead:models=false"
    )
    assert plain.code == 0, plain.said()


def test_a_killed_replacement_is_finished_by_the_next(demo: Demo, land: Land) -> None:
    """Killed when the new configuration was there and the endpoint on its way to it: the next run ends what began."""
    land.edit("acme", "instance_type: ml.m5.large", "instance_type: ml.m5.xlarge")
    assert struck(land, ["up", "acme"], has_new_configuration, kill).code == -signal.SIGKILL
    next_run = land.run("up", "acme")
    assert next_run.code == 0, next_run.said()
    assert not has_new_configuration(land)
    assert_settled(demo)
    land.edit("acme", "instance_type: ml.m5.xlarge", "instance_type: ml.m5.large")
    land.succeed("up", "acme")
    assert_settled(demo)


def test_a_killed_destroy_is_finished_by_the_next(demo: Demo, land: Land, initech: str) -> None:
    """Killed when the first buckets were gone: the next destroy removes the rest, and the stack."""
    land.succeed("up", initech, "--no-models")
    before = len(land.resources(initech))

    def has_begun(land: Land) -> bool:
        return len(land.resources(initech)) < before

    assert struck(land, ["destroy", initech, "--yes"], has_begun, kill).code == -signal.SIGKILL
    land.succeed("destroy", initech, "--yes")
    assert states(land)[initech] == "not deployed"
    (land.specs / f"{initech}.yaml").unlink()
    assert_settled(demo)
