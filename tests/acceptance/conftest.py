"""The estate of the demo, brought up once by the command line; tests that change it restore it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from land import Land

from infra.demo.artifacts import upload_missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker brings the estate up and runs all tests of it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("acceptance"))


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Land]:
    """The platform and both tenants, up and serving."""
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("estate"))
    land.succeed("sandbox", "up")
    try:
        land.succeed("up", "platform")
        land.succeed("up", "--all", "--no-models")
        with land.workspace() as workspace:
            list(upload_missing(workspace, ("acme", "globex")))
        land.succeed("up", "--all")
        yield land
    finally:
        land.run("sandbox", "down")


@pytest.fixture
def land(estate: Land) -> Iterator[Land]:
    """The estate, with all specs put back at the end."""
    specs = {path: path.read_text() for path in [*estate.specs.glob("*.yaml"), estate.platform]}
    yield estate
    for path in estate.specs.glob("*.yaml"):
        path.unlink()
    for path, text in specs.items():
        path.write_text(text)
