"""A version in waves over the demo's tenants, by the real engine; and drift, told once and put back."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operations.fleet_rollouts import Rollouts
from infra.operations.projects import tenant_stack
from infra.operations.rollout_view import RolloutView
from infra.provisioning.background import Background
from tests.acceptance.blueprints import ADDED, two_versions
from tests.acceptance.land import Land

_DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions; the first is what the demo's tenants run."""
    return two_versions(tmp_path_factory.mktemp("blueprint"))


@pytest.fixture
def occupied(land: Land, blueprint: Path) -> Iterator[None]:
    """Somebody else has made one of what the second version makes for globex."""
    logs = land.client("logs")
    logs.create_log_group(logGroupName=ADDED[1])
    yield
    logs.delete_log_group(logGroupName=ADDED[1])
    left = [tenant for tenant, skew in _versions(land, blueprint).items() if skew == "current"]
    for tenant in left:  # a test that failed midway
        with land.workspace() as workspace:
            workspace.engine.unprotect(tenant_stack(tenant))
        land.succeed("up", tenant)


@pytest.fixture
def group(land: Land) -> Iterator[str]:
    """A log group of acme, whose retention is afterwards what it was."""
    name, logs = "/bulkhead/dev/acme/workloads", land.client("logs")
    days = _retention(land, name)
    yield name
    if _retention(land, name) != days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def _versions(land: Land, blueprint: Path) -> dict[str, str]:
    """Each tenant's age: the second version is current, the first is behind."""
    ended = land.run("fleet", "status", "--json", BULKHEAD_BLUEPRINT=str(blueprint))
    assert ended.out, ended.said()
    found = ended.document()
    return {one["tenant"]: one["skew"] for one in found["tenants"]}


def _groups(land: Land) -> set[str]:
    """The names of all log groups."""
    return {each["logGroupName"] for each in land.client("logs").describe_log_groups()["logGroups"]}


def _retention(land: Land, group: str) -> int:
    """How many days a log group keeps what is in it."""
    (found,) = land.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return found["retentionInDays"]


def _kill_in(land: Land, blueprint: Path, entry: str, *arguments: str) -> None:
    """Start a rollout, and kill it once its journal has an entry."""
    started = land.start("fleet", "upgrade", *arguments, BULKHEAD_BLUEPRINT=str(blueprint))
    deadline = time.monotonic() + _DEADLINE_SECONDS
    journals = land.home / "fleet" / "rollouts"
    while not any(entry in file.read_text() for file in journals.glob("*.jsonl")):
        assert started.poll() is None, started.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(started.pid, signal.SIGKILL)
    started.communicate()


def _by_the_service(land: Land, blueprint: Path, to: str) -> RolloutView:
    """A rollout that is planned and begun as a request to the API does, and carried out by the service's process."""
    environment = land.environment(BULKHEAD_BLUEPRINT=str(blueprint))
    with contextlib.closing(Background(environment)) as background:
        plan = background.rollout({"to": to}, "ada", "")["plan"]
        rollout = background.rollout({"to": to}, "ada", "the request")["rollout"]
        assert background.rollout({"to": to}, "ada", "the request")["rollout"] == rollout
    known = Rollouts(land.home)
    assert [wave["name"] for wave in plan["waves"]] == [wave.name for wave in known.view(rollout).waves]
    command = [sys.executable, "-P", "-m", "infra.service.children.rollouts"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while known.handovers.open() and known.view(rollout).held_up == "" and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.2)
        process.terminate()
    return known.view(rollout)


@pytest.mark.usefixtures("occupied")
def test_a_version_in_waves(land: Land, blueprint: Path) -> None:
    """A canary is upgraded through a kill -9; the next wave fails, goes back, and halts.

    What was upgraded goes back by request only when somebody has lifted the protection of what it has since.
    """
    by = {"BULKHEAD_BLUEPRINT": str(blueprint)}
    assert _versions(land, blueprint) == {"acme": "behind", "globex": "behind"}
    assert land.run("fleet", "status", "--gate", "--max-behind", "0", **by).code == 1
    assert land.run("fleet", "status", "--gate", "--max-behind", "1", **by).code == 0

    _kill_in(land, blueprint, '"kind":"upgrade","tenant":"acme"', "--to", "main", "--canary", "acme")
    again = land.run("fleet", "upgrade", "--to", "main", **by)
    assert again.code == 2
    assert "--resume" in again.err
    ended = land.run("fleet", "upgrade", "--resume", "--json", **by)
    assert ended.code == 1, ended.said()
    view = ended.document()
    assert [wave["tenants"] for wave in view["waves"]] == [{"acme": "upgraded"}, {"globex": "set aside"}]
    assert view["verdict"] == "halted"
    assert "already exists" in view["troubles"]["globex"]
    assert _versions(land, blueprint) == {"acme": "current", "globex": "behind"}
    assert _groups(land) >= {name.replace("globex", "acme") for name in ADDED}
    assert ADDED[0] not in _groups(land)

    refused = land.run("fleet", "upgrade", "--to", "main~1", "--json", **by)
    assert refused.code == 1, refused.said()
    assert "protected resources are not deleted" in refused.document()["troubles"]["acme"]
    with land.workspace() as workspace:
        workspace.engine.unprotect(tenant_stack("acme"))
    back = _by_the_service(land, blueprint, "main~1")
    assert (back.verdict, back.by) == ("complete", "ada"), back
    assert back.waves[0].tenants == {"acme": "upgraded"}
    assert "current" in back.left_out["globex"]
    unchanged = land.run("up", "--all", "--expect-no-changes")
    assert unchanged.code == 0, unchanged.said()


def test_drift_is_told_once_and_put_back(land: Land, group: str) -> None:
    """A retention that somebody shortened is told with its resource, is not new the next time, and is put back."""
    as_it_was = _retention(land, group)
    assert land.run("fleet", "drift", "acme").code == 0
    land.client("logs").put_retention_policy(logGroupName=group, retentionInDays=1)
    found = land.run("fleet", "drift", "acme", "--json")
    assert found.code == 3, found.said()
    drift = found.document()["tenants"][0]
    assert (drift["state"], drift["new"], drift["repaired"]) == ("drifted", True, False)
    assert [(each["name"], each["properties"]) for each in drift["resources"]] == [
        ("logs-workloads", ["retentionInDays"])
    ]
    assert land.run("fleet", "drift", "acme", "--json").document()["tenants"][0]["new"] is False

    land.platform.write_text(f"{land.platform.read_text()}\nfleet: {{drift: restore}}\n")
    restored = land.run("fleet", "drift", "acme", "--json")
    assert restored.code == 0, restored.said()
    assert restored.document()["tenants"][0]["repaired"] is True
    assert _retention(land, group) == as_it_was != 1
    assert land.run("fleet", "drift", "acme").code == 0
