"""Runs the one program that standard input describes; the language host starts it with the project's interpreter."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from infra.engine.language_host import bootstrap
from infra.engine.language_host.program import run_program


def main() -> int:
    """Run the program.

    Returns:
        0, or `bootstrap.REPORTED` when it failed and the engine has been told.
    """
    signal.signal(signal.SIGINT, _leave)
    run = bootstrap.decode(sys.stdin.buffer.read())
    return 0 if run_program(run) is None else bootstrap.REPORTED


def _leave(signum: int, frame: FrameType | None) -> None:
    """End without a stack trace: whoever interrupts has been told by the engine."""
    del signum, frame
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
