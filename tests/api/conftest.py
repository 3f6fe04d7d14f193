"""The API of the tests, with an issuer of its own."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from api_service import Clock, Issuer, Service, make_key
from joserfc.jwk import RSAKey
from sqlalchemy import Engine, delete
from whole_service import Whole

from infra.store.database import open_store, sqlite_url, transaction
from infra.store.tables import idempotency_keys


@pytest.fixture(scope="session")
def signing_keys() -> tuple[RSAKey, RSAKey]:
    """Two keys, made once: it takes a while."""
    return make_key(), make_key()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def key_database(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    """A database for the answers of all tests, one after the other."""
    engine = open_store(sqlite_url(tmp_path_factory.mktemp("keys") / "store.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def whole(signing_keys: tuple[RSAKey, RSAKey], tmp_path: Path) -> Generator[Whole]:
    """The service's own API over an empty database, and the spec files of acme and globex."""
    engine = open_store(sqlite_url(tmp_path / "service.sqlite"))
    yield Whole(engine, tmp_path, Issuer(Clock(), [signing_keys[0]]))
    engine.dispose()


@pytest.fixture
def service(signing_keys: tuple[RSAKey, RSAKey], key_database: Engine) -> Service:
    with transaction(key_database) as connection:
        connection.execute(delete(idempotency_keys))
    clock = Clock()
    return Service(clock, Issuer(clock, [signing_keys[0]]), key_database)
