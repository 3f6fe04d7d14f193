"""How an estate must be when no run is going on."""

from __future__ import annotations

from tests.acceptance.census import ids, take
from tests.acceptance.killing import remains
from tests.acceptance.land import Demo, Land


def states(land: Land) -> dict[str, str]:
    """The state of each stack."""
    return {row["stack"]: row["state"] for row in land.succeed("status", "--json").document()["stacks"]}


def assert_settled(demo: Demo) -> None:
    """Cloud and state agree, nothing is doubled, nothing is orphaned, and nothing runs any more."""
    there = take(demo.land.client)
    known = {each for each in demo.land.resources() if each[0] in there}
    made = ids(there) - demo.empty
    assert made == known, f"only in the cloud: {sorted(made - known)}; only in states: {sorted(known - made)}"
    assert set(states(demo.land).values()) <= {"deployed", "not deployed"}
    assert remains(demo.land) == []
