"""The first lines of an inference server's process in the sandbox: `python -P -m infra.sandbox.serving.child`.

It takes a bound socket from its parent, ends itself when the parent is gone (its standard input closes, also when the
parent was killed), and becomes the image's own program.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from importlib import import_module

_GRACE_SECONDS = 10


def main() -> None:
    """Runs the program that the first argument names, on the socket that the second one numbers."""
    program, descriptor = sys.argv[1:3]
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    import_module(program).main(socket.socket(fileno=int(descriptor)))


def _end_with_the_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(_GRACE_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
