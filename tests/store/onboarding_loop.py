"""A process to be killed: onboards tenant after tenant in the store of ``DATABASE_URL``, a line for each write."""

from __future__ import annotations

import itertools
import os
import sys
from datetime import UTC, datetime

from infra.lifecycle.progress import begin_step, end_step
from infra.store import changes
from infra.store.changes import Asked
from infra.store.database import open_store, transaction

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def main() -> None:
    store = open_store(os.environ["DATABASE_URL"])
    for number in itertools.count():
        tenant, operation = f"t{number}", f"o{number}"
        with transaction(store) as connection:
            asked = Asked(operation=operation, caller="ada", priority=5, now=NOW)
            steps = changes.request_tenant(connection, tenant, "{}", asked).steps
        for step in steps:
            for how in (begin_step, end_step):
                with transaction(store) as connection:
                    name = step.name
                    changes.move(connection, operation, lambda found, at, how=how, name=name: how(found, at, name), NOW)
                sys.stdout.write(".\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
