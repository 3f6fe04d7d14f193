"""A process that keeps a tenant, its operation and the event of both, and is killed right after its commit."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

from infra.store import changes
from infra.store.changes import Asked
from infra.store.database import open_store, transaction

if __name__ == "__main__":
    store = open_store(os.environ["DATABASE_URL"])
    with transaction(store) as connection:
        for tenant in sys.argv[1:]:
            asked = Asked(operation=f"of-{tenant}", caller="ada", priority=5, now=datetime.now(UTC))
            changes.request_tenant(connection, tenant, "{}", asked)
    os.kill(os.getpid(), signal.SIGKILL)
