"""A PostgreSQL of the tests' own, on a free port of 127.0.0.1."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.jobs.bench import wait_for


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps the server's out of PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


@contextlib.contextmanager
def running_postgres() -> Generator[str]:
    """Start a server, and stop it at the end.

    Yields:
        The URL of its first database.
    """
    programs = find_postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder, port = Path(name), _free_port()
        if user is not None:
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        options = ["--username=jobs", "--auth=trust", "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]
        command = [programs / "initdb", *options, "-D", folder / "data"]
        subprocess.run(command, check=True, user=user, cwd="/", env=_ENVIRONMENT, stdout=subprocess.DEVNULL)
        serve = ["-D", folder / "data", "-h", "127.0.0.1", "-p", str(port), "-k", "", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", *serve], user=user, cwd="/", env=_ENVIRONMENT, stdout=log, stderr=log
            )
        url = f"postgresql://jobs@127.0.0.1:{port}/postgres"
        try:
            wait_for(lambda: server.poll() is not None or _answers(url), "PostgreSQL")
            assert server.poll() is None, (folder / "log").read_text()
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


def new_database(server: str, name: str) -> str:
    """Make a database.

    Returns:
        Its URL.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return server.rpartition("/")[0] + "/" + name


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
