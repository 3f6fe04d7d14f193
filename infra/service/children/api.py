"""The process that answers HTTP: ``python -P -m infra.service.children.api LISTENER NAME ...``.

The socket is bound by the one that starts this process, and stays open when this process is started anew. The names are
those of the other processes, whose state is part of this one's readiness.
"""

from __future__ import annotations

import sys

from infra.service.application import application
from infra.service.children.listening import serve
from infra.service.settings import load_service_settings
from infra.service.supervision.child import begin, log_to_stderr, run_child
from infra.settings import load_settings


def main() -> None:
    """Answer requests until told to stop."""
    begin()
    log_to_stderr()
    with application(load_settings(), load_service_settings(), sys.argv[2:]) as app:
        serve(app, int(sys.argv[1]))


if __name__ == "__main__":
    run_child(main)
