"""Real embedded clouds for the tests: one for a test file of boto3 calls, and folders for tests of the process."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from sandbox_clients import Clients

from infra.sandbox import Sandbox


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Generator[Sandbox]:
    """A running sandbox, empty when a test file starts."""
    sandbox = Sandbox(tmp_path_factory.mktemp("cloud") / "sandbox")
    sandbox.up()
    try:
        yield sandbox
    finally:
        sandbox.down()


@pytest.fixture(scope="module")
def aws(cloud: Sandbox) -> Clients:
    return Clients(cloud.environment())


@pytest.fixture
def home(tmp_path: Path) -> Generator[Path]:
    """A sandbox's folder; whatever runs there is stopped at the end."""
    folder = tmp_path / "sandbox"
    try:
        yield folder
    finally:
        Sandbox(folder).down()
