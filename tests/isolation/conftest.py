"""The estate that is attacked, brought up once for all tests of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.sandbox import Sandbox
from tests.isolation.attempts import Attempts
from tests.isolation.cloud import Credentials
from tests.isolation.estate import Estate, settle
from tests.isolation.sessions import Sessions

#: Makes a boto3 client: of a service, for a role of an owner, through a VPC endpoint.
Client = Callable[..., Any]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker brings the estate up and runs all tests that use it: said before xdist reads the groups."""
    for item in items:
        if "estate" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("isolation"))


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Estate]:
    """Four tenants, up in an embedded cloud that enforces."""
    del engine_command  # made before, if it has to be
    folder = tmp_path_factory.mktemp("attacked")
    try:
        yield settle(folder)
    finally:
        Sandbox(folder / "home" / "sandbox").down()


@pytest.fixture(scope="session")
def sessions(estate: Estate) -> Sessions:
    """Everybody's credentials."""
    return Sessions(estate)


@pytest.fixture(scope="session")
def attempts(estate: Estate) -> Iterator[Attempts]:
    """Calls against the estate's cloud."""
    made = Attempts(estate.door.home)
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(estate: Estate) -> Client:
    """Makes boto3 clients, each once: of a service, for a caller, through a VPC endpoint or from anywhere."""
    made: dict[tuple[str, Credentials, str | None], Any] = {}

    def make(service: str, credentials: Credentials, endpoint: str | None = None) -> Any:
        key = (service, credentials, endpoint)
        if key not in made:
            made[key] = estate.door.client(service, credentials, endpoint=endpoint)
        return made[key]

    return make
