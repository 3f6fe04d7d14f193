"""Sequence numbers without holes, in the order of the commits: who has read up to one has missed none before it.

A sequence of PostgreSQL promises neither: a number that was taken first may be committed last, and a reader that has
gone on would never see it. Here the row's lock is held until the commit, so that writers follow each other.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from infra.store.tables import sequences


def take(connection: Connection, name: str, count: int = 1) -> int:
    """Take the next numbers of a sequence, and return the first of them.

    Args:
        connection: In a transaction; other writers wait until it ends.
        name: The table that the numbers are for.
        count: How many numbers; 0: none, only wait until nobody else takes any.
    """
    statement = (
        update(sequences)
        .where(sequences.c.name == name)
        .values(last=sequences.c.last + count)
        .returning(sequences.c.last)
    )
    last: int = connection.execute(statement).scalar_one()
    return last - count + 1


def last(connection: Connection, name: str) -> int:
    """The last number of a sequence that was committed; whoever has read up to it has missed none.

    Args:
        connection: In a transaction.
        name: The table that the numbers are for.
    """
    return connection.execute(select(sequences.c.last).where(sequences.c.name == name)).scalar_one()
