"""One process of the service: how it is started, what it says, and what is known of it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from infra.errors import UserError

READY = b"ready\n"
"""What a process writes on its standard output when it works."""
_GRACE_SECONDS = 10.0
#: How much the system prefers the API to the other processes: who calls it waits, an operation does not notice.
_BEHIND_THE_API = 5


class ChildState(StrEnum):
    """Where a process is."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """A process that is to run as long as the service does.

    Args:
        name: Unique among those of the service.
        command: Program and arguments.
        environment: Its whole environment.
        descriptors: Descriptors that it inherits.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChildStatus:
    """What is known of a process.

    Args:
        state: Where it is; `RUNNING` only when it has said that it works.
        pid: Of the process that runs or ran last.
        restarts: How often it ended by itself and was started again.
        last_exit: The exit code of the last end; negative: the signal that ended it; None: it has never ended.
    """

    state: ChildState
    pid: int
    restarts: int = 0
    last_exit: int | None = None


def begin(on_stop: Callable[[], None] | None = None, *, behind_the_api: bool = False) -> None:
    """What each process of the service does first: it ends with the one that started it, and on SIGTERM.

    The standard input is a pipe that the starter holds open; it is closed when that one ends, however it ends.

    Args:
        on_stop: Is called on SIGTERM; None leaves the signal to whoever handles it.
        behind_the_api: Whether this process and all that it starts give way to the API.
    """
    if behind_the_api:
        os.nice(_BEHIND_THE_API)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if on_stop is not None:
        signal.signal(signal.SIGTERM, lambda _number, _frame: on_stop())
    threading.Thread(target=_end_with_the_starter, name="lifeline", daemon=True).start()


def log_to_stderr() -> None:
    """Send the logs of this process to its standard error: a file of the home, or the container's log."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
    )
    logging.captureWarnings(capture=True)
    for noisy in ("botocore", "boto3", "urllib3", "httpx", "dbos"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


def say_ready() -> None:
    """Tell the starter that this process works; its standard output goes nowhere from then on."""
    os.write(sys.stdout.fileno(), READY)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)


def run_child(main: Callable[[], None]) -> None:
    """Run the whole of a process; what its user can mend is said without a stack trace.

    Args:
        main: Does what the process is for.
    """
    try:
        main()
    except UserError as error:
        sys.exit(f"error: {error}")


def _end_with_the_starter() -> None:
    while os.read(0, 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
