"""A PostgreSQL server of the tests' own, from the installed programs: in a temporary folder, on a free port."""

from __future__ import annotations

import getpass
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

import psycopg

HOW_TO_INSTALL = (
    "the tests of the store need PostgreSQL's programs initdb and postgres, in PATH or /usr/lib/postgresql/*/bin: "
    "install the package postgresql (apt-get install postgresql) or postgresql-server (dnf install postgresql-server)"
)
_USER = "bulkhead"


class PostgresqlMissing(Exception):
    """Its programs are not installed."""


def programs(path: str | None = None, folder: Path = Path("/usr/lib/postgresql")) -> Path:
    """The folder of PostgreSQL's programs: the newest of Debian's, else that in PATH.

    Raises:
        PostgresqlMissing: there is none.
    """
    versions = [each for each in folder.glob("*/bin") if (each / "initdb").exists() and (each / "postgres").exists()]
    if versions:
        return max(versions, key=lambda each: [int(part) for part in each.parent.name.split(".") if part.isdigit()])
    found = shutil.which("initdb", path=path)
    if found is None or shutil.which("postgres", path=path) is None:
        raise PostgresqlMissing(HOW_TO_INSTALL)
    return Path(found).resolve().parent


@contextmanager
def running_postgresql() -> Generator[str]:
    """The URL of a running server's first database; the server and its folder are gone afterwards.

    Raises:
        PostgresqlMissing: its programs are not installed.
    """
    bin_folder = programs()
    # PostgreSQL refuses to run as root.
    user = _unprivileged() if os.getuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="bulkhead-postgresql-", ignore_cleanup_errors=True) as name:
        folder, password = Path(name), secrets.token_hex(16)
        data, password_file, log = folder / "data", folder / "password", folder / "log"
        password_file.write_text(password)
        password_file.chmod(0o600)
        if user is not None:
            for each in (folder, password_file):
                os.chown(each, user.pw_uid, user.pw_gid)
        process_user = None if user is None else user.pw_name
        environment = {"PATH": str(bin_folder), "LC_ALL": "C", "TZ": "UTC"}
        subprocess.run(
            [
                bin_folder / "initdb",
                "-D",
                data,
                "-U",
                _USER,
                "-A",
                "scram-sha-256",
                "--pwfile",
                password_file,
                "-E",
                "UTF8",
                "-N",
            ],
            check=True,
            capture_output=True,
            env=environment,
            cwd=folder,
            user=process_user,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )
        port = _free_port()
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [bin_folder / "postgres", "-D", data, *(part for each in settings for part in ("-c", each))],
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                user=process_user,
                group=None if user is None else user.pw_gid,
                extra_groups=None if user is None else [],
            )
        try:
            url = f"postgresql://{_USER}:{password}@127.0.0.1:{port}/postgres"
            _wait(server, url, log)
            yield url
        finally:
            # A fast shutdown: it ends the connections that are left.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _unprivileged() -> pwd.struct_passwd:
    """The user that Debian's package makes for PostgreSQL, else nobody."""
    known = {each.pw_name: each for each in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise PostgresqlMissing(f"PostgreSQL does not run as {getpass.getuser()}, and there is no user postgres or nobody")


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
