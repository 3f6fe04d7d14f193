"""The process that does rounds from time to time: ``python -P -m infra.service.children.scheduler``. One is enough."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime

from infra.service.rounds import ROUNDS_FILE, Schedule, rounds, run_until
from infra.service.settings import load_service_settings, service_folder
from infra.service.supervision.child import begin, log_to_stderr, run_child, say_ready
from infra.settings import load_settings
from infra.store.database import open_store


def main() -> None:
    """Do rounds until told to stop, which ends one that is under way."""
    begin(sys.exit, behind_the_api=True)
    log_to_stderr()
    settings, service = load_settings(), load_service_settings()
    store = open_store(service.store_url(settings))
    file = service_folder(settings) / ROUNDS_FILE
    schedule = Schedule(file, rounds(settings, service, store), lambda: datetime.now(UTC))
    say_ready()
    try:
        run_until(threading.Event(), schedule)
    finally:
        store.dispose()


if __name__ == "__main__":
    run_child(main)
