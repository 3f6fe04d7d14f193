"""An insert that leaves a row which is there already as it is, also where two writers come at the same time."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_if_absent(connection: Connection, table: Table, values: Mapping[str, object]) -> bool:
    """Insert a row unless one has its key, and return whether it was inserted.

    Args:
        connection: In a transaction; in PostgreSQL it waits for another one that has inserted the same key.
        table: The table.
        values: The row.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement).one_or_none() is not None
