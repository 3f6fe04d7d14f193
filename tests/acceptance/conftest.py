"""The estate of the demo, brought up once a worker; tests that change it put it back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.operations.cloud import INSTANCE_FILE
from tests.acceptance.census import default_network, ids, take
from tests.acceptance.land import Demo, Land

#: Tests of the service and of the fleet: the longer half of what needs an estate, with an estate of its own.
_SERVICE = frozenset(
    {"test_erasure", "test_fleet", "test_previews_by_the_service", "test_steps_of_operations", "test_third_tenant"}
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two workers bring an estate up, each for its half of the tests; what needs no estate runs anywhere."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "demo" in getattr(item, "fixturenames", ()):
            half = "service" if item.path.stem in _SERVICE else "commands"
            item.add_marker(pytest.mark.xdist_group(f"acceptance {half}"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Demo]:
    """What `make demo` does, in a home of its own: the platform and both tenants, up and serving.

    The home remembers a stack of a cloud that has ended, as after a restart of the machine.
    """
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("estate"))
    land.succeed("sandbox", "up")
    try:
        land.succeed("status")  # the account gets the roles that are there before any stack
        empty = ids(take(land.client))
        _remember_an_earlier_cloud(land)
        first = land.execute([sys.executable, "-m", "infra.demo", "estate"])
        # The demo has begun anew, in another cloud with a default network of its own.
        yield Demo(land, empty | default_network(land.client), first)
    finally:
        land.run("sandbox", "down")


def _remember_an_earlier_cloud(land: Land) -> None:
    left_over = land.home / "state" / ".pulumi" / "stacks" / "bulkhead" / "left-over.json"
    left_over.parent.mkdir(parents=True)
    left_over.write_text("{}")
    (land.home / INSTANCE_FILE).write_text("6b1f0c1e-0000-4000-8000-000000000000\n")


@pytest.fixture
def land(demo: Demo) -> Iterator[Land]:
    """The estate, with all specs put back at the end."""
    assert demo.first.code == 0, demo.first.said()
    land = demo.land
    specs = {path: path.read_text() for path in [*land.specs.glob("*.yaml"), land.platform]}
    yield land
    for path in land.specs.glob("*.yaml"):
        path.unlink()
    for path, text in specs.items():
        path.write_text(text)


@pytest.fixture
def initech(land: Land) -> Iterator[str]:
    """A further tenant in acme's cell, not deployed yet; whatever is left of it at the end is destroyed."""
    before = ids(take(land.client))
    land.add("initech", "10.64.1.0/24")
    yield "initech"
    land.succeed("destroy", "initech", "--yes")
    assert ids(take(land.client)) == before
