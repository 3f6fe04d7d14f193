"""The process that carries rollouts of the fleet out: ``python -P -m infra.service.children.rollouts``. One is enough.

Until there is one that was given to the service, it only looks at a folder, and has not imported what it would need.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from infra.service.supervision.child import begin, log_to_stderr, run_child, say_ready
from infra.settings import load_settings

_PAUSE_SECONDS = 1.0


def main() -> None:
    """Carry rollouts out until told to stop, which interrupts the one that is under way; the next process goes on."""
    begin(sys.exit, behind_the_api=True)
    log_to_stderr()
    home = load_settings().home
    say_ready()
    while not is_given(home):
        time.sleep(_PAUSE_SECONDS)
    from infra.service.rollouts import run_rollouts  # noqa: PLC0415 - seconds, for what most services never need

    run_rollouts(_PAUSE_SECONDS)


def is_given(home: Path) -> bool:
    """Whether any rollout was given to the service and is not over.

    Args:
        home: The home.
    """
    return any((home / "fleet" / "rollouts").glob("*.service"))


if __name__ == "__main__":
    run_child(main)
