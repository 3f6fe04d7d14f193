"""A land that the tests of whole stacks share: the platform and both tenants of the demo, up and serving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine import Operation
from infra.operations.projects import PLATFORM_STACK
from tests.components.tenant.land import Land, settle, succeeded

ARTIFACTS = {"acme": ("tumour",), "globex": ("cultivar", "progression")}


@pytest.fixture(scope="session")
def land(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Land]:
    land, sandbox = settle(tmp_path_factory.mktemp("land"), engine_command)
    try:
        with land.engine, land.modelless:
            succeeded(land.run(PLATFORM_STACK, Operation.UP))
            yield land
    finally:
        sandbox.down()


@pytest.fixture(scope="session")
def serving(land: Land) -> Land:
    """Both tenants up: first without models, then, their artifacts uploaded, with them."""
    for tenant, models in ARTIFACTS.items():
        succeeded(land.run_without_models(tenant))
        for model in models:
            land.upload(tenant, model, f"{tenant} {model} 1".encode())
        succeeded(land.run(tenant, Operation.UP))
    return land
