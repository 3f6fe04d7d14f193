"""Opening a store: its tables are those that the code knows, made once, and mistakes are told with their remedy."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, MetaData, event, insert, inspect, select
from sqlalchemy.exc import OperationalError

from infra.store.database import StoreUnavailable, is_busy, open_store, reading, sqlite_url, transaction
from infra.store.migrating import NewerSchema, migrate
from infra.store.tables import TextRefused, instant_text, metadata, schema_versions, sequences


def test_the_migrations_make_the_tables_that_the_code_knows(store: Engine) -> None:
    """Table by table the same columns, with the same keys, and empty where the other is."""
    made = MetaData()
    made.reflect(store)
    assert set(made.tables) == set(metadata.tables)
    for name, table in metadata.tables.items():
        known = {each.name: (each.primary_key, each.nullable) for each in table.columns}
        assert {each.name: (each.primary_key, each.nullable) for each in made.tables[name].columns} == known
        foreign = {(each.parent.name, each.target_fullname) for each in table.foreign_keys}
        assert {(each.parent.name, each.target_fullname) for each in made.tables[name].foreign_keys} == foreign


def test_a_store_is_migrated_once(store: Engine, store_url: str) -> None:
    """Opening it again applies nothing, and keeps what is in it."""
    with transaction(store) as connection:
        connection.execute(insert(sequences).values(name="kept", last=7))
        before = connection.execute(select(schema_versions)).all()
        assert migrate(connection) == max(version for (version,) in before)
    again = open_store(store_url)
    with reading(again) as connection:
        assert connection.execute(select(schema_versions)).all() == before
        assert connection.execute(select(sequences.c.last).where(sequences.c.name == "kept")).scalar_one() == 7
    again.dispose()


def test_many_may_open_an_empty_store_at_once(store_url: str) -> None:
    """Who comes second waits, and finds the tables made."""
    problems: list[BaseException] = []
    together = threading.Barrier(6)

    def opens() -> None:
        together.wait()
        try:
            open_store(store_url).dispose()
        except BaseException as problem:  # noqa: BLE001
            problems.append(problem)

    threads = [threading.Thread(target=opens) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert problems == []
    engine = open_store(store_url)
    assert inspect(engine).has_table("audit_log")
    engine.dispose()


def test_a_newer_store_is_left_alone(store: Engine, store_url: str) -> None:
    """An older program does not write to what it does not know."""
    with transaction(store) as connection:
        connection.execute(insert(schema_versions).values(version=999))
    with pytest.raises(NewerSchema, match="version 999"):
        open_store(store_url)


def test_a_failed_transaction_leaves_nothing(store: Engine) -> None:
    """What is written before an error is not kept; without the error it is."""

    def write(name: str, *, fails: bool) -> None:
        with transaction(store) as connection:
            connection.execute(insert(sequences).values(name=name, last=0))
            if fails:
                raise RuntimeError("on the way")

    write("whole", fails=False)
    with pytest.raises(RuntimeError, match="on the way"):
        write("half", fails=True)
    with reading(store) as connection:
        names = set(connection.execute(select(sequences.c.name)).scalars())
    assert "whole" in names
    assert "half" not in names


def test_a_reader_waits_for_no_writer(store: Engine) -> None:
    """While one writes, another reads what was there before."""
    with transaction(store) as writer:
        writer.execute(insert(sequences).values(name="unseen", last=0))
        with reading(store) as connection:
            assert "unseen" not in set(connection.execute(select(sequences.c.name)).scalars())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:hunter2@127.0.0.1/x", "mysql is not supported"),
        ("sqlite://", "lost with the process"),
        ("hunter2", "no URL of a database"),
        ("postgresql://u:hunter2@127.0.0.1:port/x", "no URL of a database"),
        ("postgresql://u:hunter2@127.0.0.1:1/x", "cannot be opened"),
        ("sqlite:////nowhere/at/all/store.db", "cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told(url: str, message: str) -> None:
    """With what is wrong and the remedy, and without the password."""
    with pytest.raises(StoreUnavailable, match=message) as caught:
        open_store(url)
    assert caught.value.remedy
    assert "hunter2" not in str(caught.value)


def test_a_new_file_is_its_owners_only(tmp_path: Path) -> None:
    """With what SQLite writes beside it, and the folder, where that is new."""
    engine = open_store(sqlite_url(tmp_path / "service" / "store.db"))
    with transaction(engine) as connection:
        connection.execute(insert(sequences).values(name="kept", last=7))
        modes = {each.name: each.stat().st_mode & 0o777 for each in (tmp_path / "service").iterdir()}
    engine.dispose()
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    assert (tmp_path / "service").stat().st_mode & 0o777 == 0o700


def test_text_that_one_database_cannot_hold_is_refused_by_both(store: Engine) -> None:
    """A NUL character, also where it is only looked for."""
    with reading(store) as connection, pytest.raises(TextRefused):
        connection.execute(select(sequences.c.last).where(sequences.c.name == "a\0b"))


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """And left as it is."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to be looked at as one\n" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        open_store(sqlite_url(file))
    assert file.read_text().startswith("not a database")


def test_a_moment_has_a_zone() -> None:
    """One without is refused; one of another zone is kept in UTC."""
    assert instant_text(datetime.fromisoformat("2026-03-01T01:00:00+01:00")) == "2026-03-01T00:00:00.000000+00:00"
    with pytest.raises(ValueError, match="no time zone"):
        instant_text(datetime.fromisoformat("2026-03-01T00:00:00"))


def test_the_url_of_a_file_is_absolute(tmp_path: Path) -> None:
    """A worker in another folder opens the same file."""
    assert sqlite_url(tmp_path / "a.db") == f"sqlite:///{tmp_path}/a.db"


def _wait_for_nobody(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")


def test_a_writer_that_others_hold_up_is_told_apart(tmp_path: Path) -> None:
    """Waiting in vain for SQLite's one writer is no broken database."""
    engine = open_store(sqlite_url(tmp_path / "store.db"))
    impatient = open_store(sqlite_url(tmp_path / "store.db"))
    event.listen(impatient, "begin", _wait_for_nobody, insert=True)
    with transaction(engine), pytest.raises(OperationalError) as caught, transaction(impatient):
        pass
    impatient.dispose()
    assert is_busy(caught.value)
    with transaction(engine) as connection, pytest.raises(OperationalError) as wrong:
        connection.exec_driver_sql("SELECT nothing")
    assert not is_busy(wrong.value)
    engine.dispose()


_OPEN_AND_CLOSE = """
import sys
from sqlalchemy import select
from infra.store.database import open_store, reading
from infra.store.tables import sequences
store = open_store(sys.argv[1])
with reading(store) as connection:
    connection.execute(select(sequences)).all()
store.dispose()
"""


def test_a_process_may_open_a_store_twice(tmp_path: Path) -> None:
    """Another process that comes and goes meanwhile does not take the files away that the first one works with."""
    url = sqlite_url(tmp_path / "store.db")
    first = open_store(url)
    with reading(first) as connection:
        connection.execute(select(sequences)).all()
    second = open_store(url)
    subprocess.run([sys.executable, "-c", _OPEN_AND_CLOSE, url], check=True)
    assert (tmp_path / "store.db-wal").exists(), "it was taken for unused"
    with transaction(first) as connection:
        connection.execute(insert(sequences).values(name="kept", last=7))
    with reading(second) as connection:
        assert connection.execute(select(sequences.c.last).where(sequences.c.name == "kept")).scalar_one() == 7
    first.dispose()
    second.dispose()
