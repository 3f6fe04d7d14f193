"""The service's runner over a fleet in a file, which dies at a chosen moment: in a process of its own, by SIGKILL.

``python -m tests.provisioning.serve_rollouts HOME MOMENT``; a moment is as `tests.fleet.rollout_world` has them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from infra.fleet import Actions
from infra.operations.fleet_rollouts import Rollouts
from infra.provisioning.rollout_runner import RolloutRunner
from infra.store.database import open_store, sqlite_url
from tests.fleet.rollout_world import FileWorld

#: Two tenants of a wave may fail: one does in its check, one after its upgrade.
POLICY: Mapping[str, object] = {"canaries": ("t000",), "shares": (50,), "tolerated": 2}


def main() -> None:
    """Go on, and die."""
    home, deadly = Path(sys.argv[1]), sys.argv[2]

    def moment(name: str) -> None:
        if name == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextmanager
    def actions() -> Generator[Actions]:
        yield FileWorld(home, moment)

    store = open_store(sqlite_url(home / "service" / "service.sqlite"))
    RolloutRunner(Rollouts(home), store, actions, at_once=2, now=lambda: datetime.now(UTC)).run_due()


if __name__ == "__main__":
    main()
