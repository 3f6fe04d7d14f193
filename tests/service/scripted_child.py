"""A process for the supervisor's tests: ``scripted_child.py FOLDER NAME``; what it does, files of the folder say."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from infra.service.supervision.child import begin, say_ready

if __name__ == "__main__":
    folder, name = Path(sys.argv[1]), sys.argv[2]
    stop = threading.Event()
    if (folder / f"{name}-refuses").exists():
        sys.exit("error: the database is not there")
    begin((lambda: None) if (folder / f"{name}-is-deaf").exists() else stop.set)
    with (folder / f"{name}-pids").open("a") as log:
        log.write(f"{os.getpid()}\n")
    say_ready()
    stop.wait()
    (folder / f"{name}-ended-in-order").touch()
