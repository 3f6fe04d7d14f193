"""The store on both of its databases; a test that takes ``store`` runs once on each."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from infra.store.database import open_store, sqlite_url
from tests.own_postgresql import OwnPostgresql

_names = (f"test{number}" for number in itertools.count())


@pytest.fixture
def postgresql_url(postgresql: OwnPostgresql) -> Generator[str]:
    """The URL of an empty schema of its own, which is made much faster than a database."""
    name = next(_names)
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    own = make_url(postgresql.url).update_query_dict({"options": f"-csearch_path={name}"})
    yield own.render_as_string(hide_password=False)
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "store.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def store(store_url: str) -> Generator[Engine]:
    """An empty store."""
    engine = open_store(store_url)
    yield engine
    engine.dispose()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that need PostgreSQL run in one worker, which starts one server."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("postgresql"))
