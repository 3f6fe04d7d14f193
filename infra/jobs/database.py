"""Opens the database of the jobs, SQLite or PostgreSQL, and makes writers take turns where the order matters."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

#: The key of the PostgreSQL advisory lock that stands for the order of operations.
ORDER_KEY = 0x62756C6B
_EXCLUSIVE = "exclusive"
_BUSY_MILLISECONDS = 30_000


def open_database(url: str) -> sa.Engine:
    """Open a database.

    Args:
        url: As SQLAlchemy writes it; ``sqlite:///...`` or ``postgresql+psycopg://...``.
    """
    engine = sa.create_engine(url, pool_pre_ping=True, pool_size=2, max_overflow=4)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextlib.contextmanager
def exclusive(engine: sa.Engine) -> Generator[sa.Connection]:
    """A transaction that no other exclusive one overlaps, in any process on any machine.

    Args:
        engine: The database.
    """
    with engine.connect().execution_options(**{_EXCLUSIVE: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ORDER_KEY)))
        yield connection


def _prepare_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    del record
    connection.isolation_level = None  # transactions begin where SQLAlchemy begins them
    connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode=WAL")  # readers do not wait for writers


def _begin_sqlite(connection: sa.Connection) -> None:
    wanted = connection.get_execution_options().get(_EXCLUSIVE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if wanted else "BEGIN")
