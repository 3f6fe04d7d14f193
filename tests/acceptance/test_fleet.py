"""A version in waves over the demo's tenants, by the real engine; and drift, told once and put back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.blueprints import ADDED, two_versions
from tests.acceptance.land import Land

_DEADLINE_SECONDS = 120


@pytest.fixture(scope="module")
def blueprint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions; the first is what the demo's tenants run."""
    return two_versions(tmp_path_factory.mktemp("blueprint"))


@pytest.fixture
def occupied(land: Land) -> Iterator[None]:
    """Somebody else has made what the second version makes for globex."""
    logs = land.client("logs")
    logs.create_log_group(logGroupName=ADDED)
    yield
    logs.delete_log_group(logGroupName=ADDED)


def _versions(land: Land, blueprint: Path) -> dict[str, str]:
    """Each tenant's age: the second version is current, the first is behind."""
    found = land.run("fleet", "status", "--json", BULKHEAD_BLUEPRINT=str(blueprint)).document()
    return {one["tenant"]: one["skew"] for one in found["tenants"]}


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


@pytest.mark.usefixtures("occupied")
def test_a_version_in_waves(land: Land, blueprint: Path) -> None:
    """A canary is upgraded through a kill -9; the next wave fails, goes back, and halts; then all go back."""
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
    logs = land.client("logs").describe_log_groups()["logGroups"]
    assert ADDED.replace("globex", "acme") in [each["logGroupName"] for each in logs]

    back = land.run("fleet", "upgrade", "--to", "main~1", "--json", **by)
    assert back.code == 0, back.said()
    assert back.document()["waves"][0]["tenants"] == {"acme": "upgraded"}
    assert "current" in back.document()["left_out"]["globex"]
    unchanged = land.run("up", "--all", "--expect-no-changes")
    assert unchanged.code == 0, unchanged.said()


def test_drift_is_told_once_and_put_back(land: Land) -> None:
    """A retention that somebody shortened is told with its resource, is not new the next time, and is put back."""
    group = "/bulkhead/dev/acme/workloads"
    logs = land.client("logs")
    assert land.run("fleet", "drift", "acme").code == 0
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
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
    described = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [each.get("retentionInDays") for each in described] != [1]
    assert land.run("fleet", "drift", "acme").code == 0
