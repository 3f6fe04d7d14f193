"""Who lives: a lock a worker, which is free exactly when the worker and every step that it runs are dead.

On one machine it is an ``flock`` on a file. Between machines it is an advisory lock of a PostgreSQL session, which the
server lets go of when the connection ends. The descriptor of file or connection is inherited by the worker's steps, so
that a worker that was killed counts as alive until the last of its steps is gone as well.

Source: PostgreSQL documentation, "Explicit Locking", advisory locks; flock(2).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg.conninfo import make_conninfo

from infra.jobs.settings import JobSettings

#: How soon the server and the worker notice that they cannot reach each other any more.
_KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 8000}
_SERVER_KEEPALIVE = "-c tcp_keepalives_idle=20 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=4"
_SERVER_PATIENCE = "-c idle_session_timeout=0 -c statement_timeout=5000"


class Presence(Protocol):
    """A worker's sign of life."""

    @property
    def descriptor(self) -> int:
        """What the worker's steps inherit."""
        ...

    def holds(self) -> bool:
        """Whether others still see this worker as alive; a worker that is not seen must not go on."""
        ...

    def is_dead(self, worker: str) -> bool:
        """Whether another worker and all its steps are gone.

        Args:
            worker: Its name; names are never used twice.
        """
        ...

    def close(self) -> None:
        """Let go."""
        ...


def announce(settings: JobSettings, worker: str) -> Presence:
    """Take a worker's lock.

    Args:
        settings: Say where the locks are.
        worker: The worker's name.
    """
    if settings.libpq_url is None:
        return _FilePresence(settings.folder / "workers", worker)
    return _PostgresPresence(settings.libpq_url, worker)


class _FilePresence:
    def __init__(self, folder: Path, worker: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file = folder / f"{worker}.lock"
        self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    @property
    def descriptor(self) -> int:
        return self._descriptor

    def holds(self) -> bool:
        return True

    def is_dead(self, worker: str) -> bool:
        try:
            descriptor = os.open(self._folder / f"{worker}.lock", os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        (self._folder / f"{worker}.lock").unlink(missing_ok=True)
        return True

    def close(self) -> None:
        self._file.unlink(missing_ok=True)
        os.close(self._descriptor)


class _PostgresPresence:
    def __init__(self, url: str, worker: str) -> None:
        self._connection = psycopg.connect(
            make_conninfo(url, options=f"{_SERVER_KEEPALIVE} {_SERVER_PATIENCE}", **_KEEPALIVE), autocommit=True
        )
        self._connection.execute("SELECT pg_advisory_lock(%s)", [_key(worker)])

    @property
    def descriptor(self) -> int:
        return self._connection.fileno()

    def holds(self) -> bool:
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def is_dead(self, worker: str) -> bool:
        row = self._connection.execute("SELECT pg_try_advisory_lock_shared(%s)", [_key(worker)]).fetchone()
        free = row is not None and bool(row[0])
        if free:
            self._connection.execute("SELECT pg_advisory_unlock_shared(%s)", [_key(worker)])
        return free

    def close(self) -> None:
        self._connection.close()


def _key(worker: str) -> int:
    return int.from_bytes(hashlib.sha256(worker.encode()).digest()[:8], "big", signed=True)
