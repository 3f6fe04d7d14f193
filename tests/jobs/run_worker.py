"""A worker in a process of its own, so that a test can kill it: ``python -m tests.jobs.run_worker SETTINGS``."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from infra.jobs import JobSettings, Observer, Worker
from infra.jobs.runner import Plans
from tests.jobs.scripted_steps import PLANS


def settings_of(text: str) -> JobSettings:
    """The settings that a bench gives to its workers, as JSON."""
    fields = json.loads(text)
    return JobSettings(
        folder=Path(fields["folder"]),
        database_url=fields["database_url"],
        global_limit=fields["global_limit"],
        worker_limit=fields["worker_limit"],
        max_recoveries=fields["max_recoveries"],
        tidy_seconds=fields["tidy_seconds"],
        poll_seconds=0.05,
        preload=("tests.jobs.scripted_steps",),
    )


def work(
    plans: Plans, observer: Observer | None = None, settings: JobSettings | None = None, make: type[Worker] = Worker
) -> None:
    """Work until told to end, by the settings in the first argument where none are given."""
    settings = settings or settings_of(sys.argv[1])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    worker = make(settings, plans, dict(os.environ), observer)
    worker.start()
    (settings.folder / f"worker-{os.getpid()}").touch()
    ended.wait()
    worker.close()


if __name__ == "__main__":
    work(PLANS)
