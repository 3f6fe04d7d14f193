"""A process that is started anew as often as it is killed, forked from one that has imported all it needs.

So that a hundred deaths take a minute and not ten. What starts the service's processes in earnest is
`infra.service.supervision`.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable

from infra.engine.workers.launcher import die_with


def again_and_again(run: Callable[[], None]) -> None:
    """Fork a process that runs, and another one whenever it was killed; ends when one ends in another way.

    Args:
        run: What the process does; this one must have no threads.
    """
    own = os.getpid()
    while True:
        child = os.fork()
        if child == 0:
            _be_born(own, run)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            sys.exit("it was not killed, and has ended")


def _be_born(parent: int, run: Callable[[], None]) -> None:
    """Run in a forked process, which must not go on as a second parent."""
    try:
        die_with(parent)
        run()
    except BaseException:  # noqa: BLE001 - whatever it is, it must not reach the parent's code
        traceback.print_exc()
    finally:
        os._exit(1)
