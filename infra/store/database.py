"""Opening the database that ``DATABASE_URL`` names, SQLite or PostgreSQL, and the transactions on it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from infra.errors import UserError
from infra.store.migrating import migrate

_REMEDY = (
    "use sqlite:///FILE in a folder that can be written, or postgresql://USER:PASSWORD@HOST/NAME of a running server"
)
#: The option of a connection that only reads.
_READS = "bulkhead_reads"
#: How long a writer of SQLite waits for another one, in milliseconds.
_BUSY_TIMEOUT_MS = 30_000


class StoreUnavailable(UserError):
    """The database cannot be opened."""


def sqlite_url(file: Path) -> str:
    """The URL of a database in a file."""
    return f"sqlite:///{file.absolute()}"


def parsed_url(url: str) -> URL:
    """The URL of a database, as SQLAlchemy takes it; ``postgres://`` is ``postgresql://``.

    Raises:
        StoreUnavailable: it is no URL, or of a database of another kind.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The URL may hold a password, so it is not repeated.
        raise StoreUnavailable("it is no URL of a database", _REMEDY, "DATABASE_URL") from None
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:"):
                raise StoreUnavailable("a database in memory is lost with the process", _REMEDY, "DATABASE_URL")
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise StoreUnavailable(f"{other} is not supported", _REMEDY, "DATABASE_URL")


def open_store(url: str, *, pool_size: int = 5) -> Engine:
    """The database with its tables as this version wants them; several processes may open it at once.

    Args:
        url: ``sqlite:///FILE``, or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
        pool_size: How many connections are kept; as many again are opened when those are taken.

    Raises:
        StoreUnavailable: the URL is no such URL, or the database does not answer.
        NewerSchema: a newer version of the service has written it.
    """
    parsed = parsed_url(url)
    if parsed.get_backend_name() == "sqlite":
        private_file(Path(str(parsed.database)))
        engine = create_engine(parsed, pool_size=pool_size, max_overflow=pool_size)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(parsed, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True)
    try:
        with transaction(engine) as connection:
            migrate(connection)
    except DatabaseError as error:
        engine.dispose()
        shown = parsed.render_as_string(hide_password=True)
        raise StoreUnavailable(f"{shown} cannot be opened: {error.orig}", _REMEDY, "DATABASE_URL") from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def private_file(file: Path) -> None:
    """Make a file that only its owner may read, in a folder that only its owner may enter, where they are not there.

    A database that is there is never opened: to close it would end the locks that this process has on it, and another
    process would take it for unused. SQLite gives its files beside it (``-wal``, ``-shm``) the same permissions.
    Sources: SQLite documentation, "How To Corrupt An SQLite Database File", section 2.2, and "Write-Ahead Logging".

    Raises:
        StoreUnavailable: it cannot be made.
    """
    if file.exists():
        return
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, new = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        os.close(descriptor)
        try:
            os.link(new, file)
        except FileExistsError:  # another process was faster
            pass
        finally:
            Path(new).unlink()
    except OSError as error:
        raise StoreUnavailable(f"{file} cannot be opened: {error.strerror}", _REMEDY, "DATABASE_URL") from None


@contextmanager
def transaction(engine: Engine) -> Generator[Connection]:
    """A transaction that may write: all of it is kept, or on an exception nothing."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Generator[Connection]:
    """A transaction that reads only; in SQLite it waits for no writer and holds none up."""
    with engine.connect() as connection:
        yield connection.execution_options(**{_READS: True, "postgresql_readonly": True})


def hold_alone(connection: Connection, key: int) -> None:
    """Wait until no other transaction holds a key, and hold it until the end of this one.

    In SQLite a transaction that may write is alone already. Source: PostgreSQL documentation, "Advisory Locks".

    Args:
        connection: In a transaction that may write.
        key: Any number that is used for nothing else.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def is_busy(error: DBAPIError) -> bool:
    """Whether another writer of SQLite was longer at it than one waits: nothing is wrong, and it can be tried again."""
    return isinstance(error.orig, sqlite3.OperationalError) and error.orig.sqlite_errorcode == sqlite3.SQLITE_BUSY


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Readers beside a writer, foreign keys, and every commit on the disk; transactions are begun by us."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the writer's lock at the beginning: one that is taken later fails where another has written meanwhile."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")
