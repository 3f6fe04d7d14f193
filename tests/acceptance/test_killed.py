"""Runs that die in the middle: the next one finds what they left, makes nothing twice and orphans nothing."""

from __future__ import annotations

import signal

from tests.acceptance.killing import engines, kill, killed_unheard, struck
from tests.acceptance.land import Demo, Land
from tests.acceptance.moments import has_bucket, has_endpoint, has_key, has_new_configuration
from tests.acceptance.settled import assert_settled, states


def test_a_killed_up_is_finished_by_the_next(demo: Demo, land: Land, initech: str) -> None:
    """Killed again and again, at other moments and in other ways, a tenant comes up whole in the end."""
    up = ["up", initech, "--no-models"]

    everything = killed_unheard(land, up, has_key)
    assert everything.code == -signal.SIGKILL
    assert states(land)[initech] == "unfinished"
    doctor = land.run("doctor", "--json")
    (runs,) = (each for each in doctor.document()["checks"] if each["name"] == "runs")
    assert (doctor.code, runs["ok"]) == (1, False)
    assert f"bulkhead-tenants/{initech}" in runs["detail"]

    engine = struck(land, up, has_endpoint, lambda run: kill(engines(run)))
    assert engine.code == 1, engine.out
    assert " adopted" in engine.out, engine.out
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
    assert_settled(demo)
