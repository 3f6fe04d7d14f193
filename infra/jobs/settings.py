"""What a worker needs to know about its place and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JobSettings:
    """Settings of the durable jobs; all workers of one database use the same `global_limit`.

    Args:
        folder: Where the SQLite database and the workers' lock files are.
        database_url: ``postgresql://...`` for several machines; None: SQLite in `folder`, for one machine.
        global_limit: How many operations run at a time over all workers.
        worker_limit: How many of them this worker runs at a time.
        poll_seconds: How often the worker looks for work.
        preload: Modules that the process which steps are forked from imports once.
    """

    folder: Path
    database_url: str | None = None
    global_limit: int = 4
    worker_limit: int = 4
    poll_seconds: float = 0.1
    preload: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The database's URL for SQLAlchemy and DBOS."""
        if self.database_url is None:
            return f"sqlite:///{self.folder / 'jobs.sqlite'}"
        return "postgresql+psycopg://" + self.database_url.partition("://")[2]
