"""What a worker needs to know about its place and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from infra.errors import UserError


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
        max_recoveries: How often an operation is taken over from a worker that died before it is given up.

    Raises:
        UserError: the database is of another kind, or a limit is below one.
    """

    folder: Path
    database_url: str | None = None
    global_limit: int = 4
    worker_limit: int = 4
    poll_seconds: float = 0.1
    preload: tuple[str, ...] = ()
    max_recoveries: int = 20

    def __post_init__(self) -> None:
        scheme = "postgresql" if self.database_url is None else self.database_url.partition("://")[0]
        if scheme not in ("postgresql", "postgres"):
            raise UserError(
                f"{scheme}:// is no database for operations",
                remedy="give postgresql://user@host/database, or leave it out for SQLite",
                where="DATABASE_URL",
            )
        for name, value in (("global_limit", self.global_limit), ("worker_limit", self.worker_limit)):
            if value < 1:
                raise UserError(f"{name} is {value}", remedy="let at least one operation run", where=name)

    @property
    def url(self) -> str:
        """The database's URL for SQLAlchemy and DBOS."""
        if self.database_url is None:
            return f"sqlite:///{self.folder / 'jobs.sqlite'}"
        return "postgresql+psycopg://" + self.database_url.partition("://")[2]
