"""`make demo`, once and again."""

from __future__ import annotations

import sys

from tests.acceptance.census import ids, take
from tests.acceptance.land import Demo, Land


def test_the_demo_uses_what_it_made(demo: Demo) -> None:
    """Every endpoint answers with the tenant's own credentials, and what exists has its price."""
    assert demo.first.code == 0, demo.first.said()
    for shown in ("bh-dev-acme-tumour", "bh-dev-globex-cultivar", "bh-dev-globex-progression", "USD a month"):
        assert shown in demo.first.out
    assert "Everything is up." in demo.first.out


def test_the_demo_ends_with_the_proof_and_the_witness_of_a_mistake(demo: Demo) -> None:
    """What is deployed is proven apart, and a copy with one wildcard too early is not."""
    told = demo.first.out[demo.first.out.index("Everything is up.") :]
    assert "Proved  2 tenants, 2 ordered pairs" in told
    assert "Leak: acme → globex" in told
    assert "bh-dev-acme-serving may logs:CreateLogGroup on " in told
    assert "../components/security/roles.py:" in told


def test_the_demo_forgets_the_stacks_of_a_cloud_that_ended(demo: Demo, land: Land) -> None:
    """The embedded cloud ends with the machine; the state of its stacks is worth nothing then."""
    assert "forgetting the stacks of the one that ended" in demo.first.err
    assert not any("left-over" in name for name in land.state())


def test_the_second_demo_changes_nothing(land: Land) -> None:
    """Run again, it finds everything up, and uses it all the same."""
    before = land.state()
    again = land.execute([sys.executable, "-m", "infra.demo", "estate"])
    assert again.code == 0, again.said()
    assert "No changes: everything was up already." in again.out
    assert "bh-dev-acme-tumour" in again.out
    assert land.state().keys() == before.keys()


def test_nothing_is_in_the_cloud_but_what_the_stacks_know(demo: Demo, land: Land) -> None:
    """The cloud and the state agree, resource by resource."""
    there = take(land.client)
    assert ids(there) - demo.empty == {each for each in land.resources() if each[0] in there}
