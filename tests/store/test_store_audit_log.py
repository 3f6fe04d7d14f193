"""The audit log: added to and nothing else; what is changed around the tables' refusal is found."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import DBAPIError

from infra.store import audit_log, tables
from infra.store.audit_log import AuditEntry, Broken, Intact, hash_of
from infra.store.database import reading, transaction

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def append(connection: Connection, subject: str = "tenants/acme", outcome: str = "allowed") -> AuditEntry:
    return audit_log.append(
        connection,
        actor="ada",
        action="tenants.create",
        subject=subject,
        outcome=outcome,
        detail={"tier": "pool", "größe": 1},
        now=NOW,
    )


def fill(store: Engine, count: int = 5) -> list[AuditEntry]:
    with transaction(store) as connection:
        return [append(connection, f"tenants/t{number}") for number in range(count)]


def tamper(store: Engine, statement: str) -> None:
    """Change the table as its owner can, who drops what refuses it."""
    with transaction(store) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER audit_log_keep")
            connection.exec_driver_sql("DROP TRIGGER audit_log_stay")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_log_keep ON audit_log")
        connection.exec_driver_sql(statement)


def verify(store: Engine, known: dict[int, str] | None = None) -> Intact | Broken:
    with reading(store) as connection:
        return audit_log.verify(connection, known=known)


def test_what_was_written_is_intact(store: Engine) -> None:
    """An empty log, and one with entries; the entries read as they were written."""
    assert verify(store) == Intact(entries=0, head=audit_log.GENESIS)
    written = fill(store)
    assert verify(store, {3: written[2].hash}) == Intact(entries=5, head=written[-1].hash)
    with reading(store) as connection:
        assert audit_log.entries(connection) == written
        assert audit_log.entries(connection, after=3, limit=1) == [written[3]]
        assert audit_log.entries(connection, subject="tenants/t2") == [written[2]]


def test_a_long_log_is_read_in_parts(store: Engine) -> None:
    """More entries than one read holds."""
    fill(store, 1001)
    found = verify(store)
    assert isinstance(found, Intact)
    assert found.entries == 1001


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET outcome = 'refused'", "DELETE FROM audit_log"])
def test_the_table_refuses_changes(store: Engine, statement: str) -> None:
    """Whoever asks; adding is possible."""
    fill(store)
    with pytest.raises(DBAPIError, match="append-only"), transaction(store) as connection:
        connection.exec_driver_sql(statement)
    fill(store)
    assert isinstance(verify(store), Intact)


@pytest.mark.parametrize(
    ("statement", "sequence", "why"),
    [
        ("UPDATE audit_log SET outcome = 'refused' WHERE sequence = 3", 3, "changed"),
        ("UPDATE audit_log SET actor = 'mallory' WHERE sequence = 1", 1, "changed"),
        ("UPDATE audit_log SET detail = '{}' WHERE sequence = 5", 5, "changed"),
        ("UPDATE audit_log SET at = '2020-01-01T00:00:00.000000+00:00' WHERE sequence = 2", 2, "changed"),
        ("UPDATE audit_log SET previous = hash WHERE sequence = 2", 2, "does not follow"),
        ("DELETE FROM audit_log WHERE sequence = 3", 3, "missing"),
        ("DELETE FROM audit_log WHERE sequence = 5", 6 - 1, "missing at the end"),
        ("DELETE FROM audit_log", 1, "missing at the end"),
    ],
)
def test_a_change_around_the_refusal_is_found(store: Engine, statement: str, sequence: int, why: str) -> None:
    """Each field and each entry; the first number at which the chain does not hold is told."""
    fill(store)
    tamper(store, statement)
    found = verify(store)
    assert isinstance(found, Broken)
    assert found.sequence == sequence
    assert why in found.why


def test_a_log_written_anew_is_found_by_a_hash_kept_elsewhere(store: Engine) -> None:
    """Who computes all hashes anew has a chain that holds, but not the known head; without it nothing is found."""
    written = fill(store)
    tamper(store, "DELETE FROM audit_log")
    previous = audit_log.GENESIS
    with transaction(store) as connection:
        for each in written:
            forged = replace(each, actor="mallory", previous=previous)
            forged = replace(forged, hash=hash_of(forged))
            connection.execute(insert(tables.audit_log).values(asdict(forged)))
            previous = forged.hash
    assert isinstance(verify(store), Intact)
    assert verify(store, {5: written[-1].hash}) == Broken(
        sequence=5, why="it is not the entry whose hash was kept elsewhere"
    )


def test_a_log_cut_with_its_counter_is_found_by_a_hash_kept_elsewhere(store: Engine) -> None:
    """Who cuts off the end and sets the counter back leaves a chain that holds, but the known entry is missing."""
    written = fill(store)
    tamper(store, "DELETE FROM audit_log WHERE sequence > 3")
    with transaction(store) as connection:
        connection.exec_driver_sql("UPDATE sequences SET last = 3 WHERE name = 'audit_log'")
    assert isinstance(verify(store), Intact)
    assert isinstance(verify(store, {5: written[-1].hash}), Broken)


def test_entries_written_at_once_are_one_chain(store: Engine) -> None:
    """Eight writers, five entries each: none is lost, and the chain holds."""
    together = threading.Barrier(8)

    def write() -> None:
        together.wait()
        for _ in range(5):
            with transaction(store) as connection:
                append(connection)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    found = verify(store)
    assert isinstance(found, Intact)
    assert found.entries == 40
