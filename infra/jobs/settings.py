"""What a worker needs to know about its place and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from infra.errors import UserError
from infra.store.database import parsed_url, private_file, sqlite_url
from infra.store.idempotency import KEPT


@dataclass(frozen=True)
class JobSettings:
    """Settings of the durable jobs; all workers of one database use the same `global_limit`.

    Args:
        folder: Where the workers' lock files are, and with SQLite the database of recorded steps.
        database_url: That of the store: ``sqlite:///FILE`` for one machine, ``postgresql://...`` for several.
        global_limit: How many jobs run at a time over all workers.
        worker_limit: How many of them this worker runs at a time.
        poll_seconds: How often the worker looks for work.
        preload: Modules that the process which steps are forked from imports once, and functions that it calls, as
            ``module:function``.
        refresh: Functions that this process calls before each step, as ``module:function``: what changes meanwhile.
        max_recoveries: How often a job is taken over from a worker that died before it is given up.
        keep: How long jobs that ended and events that were told are kept; at least as long as idempotency keys.
        tidy_seconds: How often a worker forgets what is older.

    Raises:
        StoreUnavailable: the URL is no such URL.
        UserError: a limit is below one, or `keep` is shorter than idempotency keys are kept.
    """

    folder: Path
    database_url: str
    global_limit: int = 4
    worker_limit: int = 4
    poll_seconds: float = 0.1
    preload: tuple[str, ...] = ()
    refresh: tuple[str, ...] = ()
    max_recoveries: int = 20
    keep: timedelta = timedelta(days=30)
    tidy_seconds: float = 3600.0

    def __post_init__(self) -> None:
        parsed_url(self.database_url)
        for name, value in (("global_limit", self.global_limit), ("worker_limit", self.worker_limit)):
            if value < 1:
                raise UserError(f"{name} is {value}", remedy="let at least one operation run", where=name)
        if self.keep < KEPT:
            raise UserError(
                f"jobs are kept for {self.keep}",
                remedy=f"keep them for {KEPT} at least, as idempotency keys are",
                where="keep",
            )

    @property
    def libpq_url(self) -> str | None:
        """The database's URL for PostgreSQL's own library; None: it is SQLite."""
        url = parsed_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            return None
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    def steps_url(self) -> str:
        """The URL for DBOS: the same PostgreSQL, or a file beside the store, so that their writers need not wait."""
        url = parsed_url(self.database_url)
        if url.get_backend_name() != "sqlite":
            return url.render_as_string(hide_password=False)
        file = self.folder / "steps.sqlite"
        private_file(file)
        return sqlite_url(file)
