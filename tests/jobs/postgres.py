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

import psutil
import psycopg
import pytest
from psycopg import sql

from tests.jobs.bench import lives, wait_for

_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


class Postgres:
    """A server that can be killed and started again.

    Args:
        programs: The folder of PostgreSQL's programs.
        folder: An empty folder of its own.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._user = "nobody" if os.getuid() == 0 else None  # it refuses to run as root
        if self._user is not None:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._port = _free_port()
        self.url = f"postgresql://jobs@127.0.0.1:{self._port}/postgres"
        options = ["--username=jobs", "--auth=trust", "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]
        command = [programs / "initdb", *options, "-D", folder / "data"]
        subprocess.run(command, check=True, user=self._user, cwd="/", env=_ENVIRONMENT, stdout=subprocess.DEVNULL)
        self._server = self._start()

    def kill(self) -> None:
        """Kill the server and its processes at once."""
        processes = [self._server.pid, *(child.pid for child in psutil.Process(self._server.pid).children())]
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()
        wait_for(lambda: not any(lives(pid) for pid in processes), "the end of PostgreSQL")

    def start_again(self) -> None:
        """Start the server on the data that a killed one left."""
        self._server = self._start()

    def stop(self) -> None:
        """Stop the server at once: nobody needs its data any more."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()

    def new_database(self, name: str) -> str:
        """Make a database.

        Returns:
            Its URL.
        """
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url.rpartition("/")[0] + "/" + name

    def _start(self) -> subprocess.Popen[bytes]:
        command = [self._programs / "postgres", "-D", self._folder / "data", "-p", str(self._port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        command += ["-c", "fsync=off"]  # what the server wrote outlives its death, though not the machine's
        with (self._folder / "log").open("ab") as log:
            server = subprocess.Popen(command, user=self._user, cwd="/", env=_ENVIRONMENT, stdout=log, stderr=log)
        wait_for(lambda: server.poll() is not None or self._answers(), "PostgreSQL")
        assert server.poll() is None, (self._folder / "log").read_text()
        return server

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True


@contextlib.contextmanager
def running_postgres() -> Generator[Postgres]:
    """Start a server, and stop it at the end.

    Yields:
        The server.
    """
    programs = _find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = Postgres(programs, Path(folder))
        try:
            yield server
        finally:
            server.stop()


def _find_programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps the server's out of PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
