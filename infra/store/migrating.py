"""Bringing a database's tables to this version: numbered SQL files, each applied once, all in one transaction.

A file ``NNNN_NAME.sql`` is for every database; ``NNNN_NAME.DIALECT.sql`` for one only. A statement ends with a line
that is not indented and ends with ``;``; a line that starts with ``--`` and a space is a comment. A file that was
released is never changed: a change is a new file.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection, func, insert, select, text

from infra.errors import UserError
from infra.store.tables import schema_versions

#: The key of PostgreSQL's advisory lock that a migration holds: any number that nobody else uses.
_LOCK = 5_130_211


class NewerSchema(UserError):
    """The database was written by a newer version of the service."""


def migrate(connection: Connection) -> int:
    """Apply what is missing, and return the version of the tables; processes that start at once wait for each other.

    Args:
        connection: In a transaction, which holds all of it.

    Raises:
        NewerSchema: the database is newer than this program.
    """
    dialect = connection.dialect.name
    if dialect == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    schema_versions.create(connection, checkfirst=True)
    found = connection.execute(select(func.max(schema_versions.c.version))).scalar() or 0
    known = dict(_migrations(dialect))
    latest = max(known)
    if found > latest:
        raise NewerSchema(
            f"its tables are of version {found}, this program knows {latest}",
            "run the newer program, or restore the database from before it",
            "DATABASE_URL",
        )
    for version in sorted(each for each in known if each > found):
        for statement in known[version]:
            connection.exec_driver_sql(statement)
        connection.execute(insert(schema_versions).values(version=version))
    return latest


def _migrations(dialect: str) -> Iterator[tuple[int, list[str]]]:
    """The statements of each version for that database, in order."""
    found: dict[int, list[str]] = {}
    for file in sorted((files("infra.store") / "migrations").iterdir(), key=lambda each: each.name):
        parts = file.name.split(".")
        if parts[-1] != "sql" or (len(parts) == 3 and parts[1] != dialect):
            continue
        version = int(file.name.split("_")[0])
        found.setdefault(version, []).extend(_statements(file.read_text()))
    yield from found.items()


def _statements(sql: str) -> Iterator[str]:
    lines: list[str] = []
    for line in sql.splitlines():
        if not line.strip() or line.startswith("-- "):
            continue
        lines.append(line)
        if line.endswith(";") and not line.startswith(" "):
            yield "\n".join(lines)
            lines = []
    if lines:
        raise ValueError(f"a migration ends within a statement: {lines[0]}")
