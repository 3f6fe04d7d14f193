"""The provider served inside the test process, and the real engine to drive it, against an embedded cloud."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from aws_contract import Engine, provider_config
from provider_client import Provider
from pulumi import automation as auto

from infra.sandbox import Sandbox
from infra.sandbox.aws.resources import TABLE
from infra.sandbox.aws.server import start


@pytest.fixture(scope="session")
def schema_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the derived schemas are kept; shared by the workers of one run."""
    return tmp_path_factory.getbasetemp().parent / "schemas"


@pytest.fixture(scope="session")
def provider_port(schema_folder: Path) -> Generator[int]:
    server, port = start(schema_folder)
    yield port
    server.stop(grace=None)


@pytest.fixture(scope="module")
def engine(
    config: dict[str, str], engine_command: Path, provider_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """The engine with the provider attached, a state folder and a Pulumi home of its own."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "cli" / "bin").mkdir(parents=True)
    (folder / "cli" / "bin" / "pulumi").symlink_to(engine_command)
    (folder / "state").mkdir()
    environment = {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "contract",
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_PROVIDERS": f"aws:{provider_port}",
    }
    return Engine(auto.PulumiCommand(root=str(folder / "cli")), folder, environment, config)


@pytest.fixture(scope="module")
def config(cloud: Sandbox) -> dict[str, str]:
    """Stack configuration that points the provider at the cloud."""
    return provider_config(cloud.environment(), {entry.service for entry in TABLE.values()})


@pytest.fixture(scope="module")
def provider(provider_port: int, config: dict[str, str]) -> Generator[Provider]:
    """A configured connection to the provider."""
    found = Provider.connect(provider_port)
    found.configure(config)
    yield found
    found.channel.close()
