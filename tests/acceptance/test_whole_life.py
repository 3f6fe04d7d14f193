"""A home from its first to its last command, and what happens when its cloud is gone in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.census import ids, take
from tests.acceptance.land import Land


@pytest.fixture
def fresh(tmp_path: Path, engine_command: Path) -> Iterator[Land]:
    """A home with a sandbox and nothing in it."""
    del engine_command
    land = Land(tmp_path)
    land.succeed("sandbox", "up")
    yield land
    land.run("sandbox", "down")


def test_everything_can_be_destroyed(fresh: Land) -> None:
    """The platform and a tenant that is not protected any more go together, and the cloud is as it was."""
    fresh.succeed("status")
    empty = ids(take(fresh.client))
    fresh.succeed("up", "platform", "acme", "--no-models")
    fresh.edit("acme", "prevent_deletion: true", "prevent_deletion: false")
    fresh.succeed("destroy", "platform", "acme", "--yes")
    assert ids(take(fresh.client)) == empty
    assert fresh.state() == {}
    rows = fresh.succeed("status", "--json").document()["stacks"]
    assert {row["state"] for row in rows} == {"not deployed"}


def test_a_restarted_sandbox_is_told_from_the_old_one(fresh: Land) -> None:
    """Its cloud is empty: runs are refused until the state of the old one is forgotten."""
    fresh.succeed("up", "platform")
    state = fresh.state()
    first = fresh.succeed("sandbox", "status", "--json").document()
    assert fresh.succeed("sandbox", "up", "--json").document() == first
    fresh.succeed("sandbox", "down")
    fresh.succeed("sandbox", "down")
    assert fresh.run("sandbox", "status").code == 1

    stopped = fresh.run("preview", "platform")
    assert stopped.code == 2
    assert "bulkhead sandbox up" in stopped.err

    second = fresh.succeed("sandbox", "up", "--json").document()
    assert second["instance"] != first["instance"]
    for command in ("up", "preview", "destroy"):
        refused = fresh.run(command, "platform")
        assert refused.code == 2, refused.said()
        assert "bulkhead sandbox reset" in refused.err
        assert "Traceback" not in refused.err
    assert fresh.state() == state

    fresh.succeed("sandbox", "reset", "--yes")
    assert fresh.state() == {}
    planned = fresh.run("preview", "platform", "--json")
    assert planned.code == 0, planned.said()
    assert set(planned.stack("platform")["summary"]) == {"create"}
