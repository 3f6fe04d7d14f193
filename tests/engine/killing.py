"""Kills a run and all its processes at a moment that the test chooses."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from infra.engine import Operation
from tests.engine.notes_bench import Bench, save_bench, wait_for

ROOT = Path(__file__).parents[2]


def kill_in_the_middle(bench: Bench, operation: Operation, stack: str, name: str) -> None:
    """Run a stack from another process and kill everything at once when the provider has come to that note."""
    (bench.cloud.folder / f"reached-{name}").unlink(missing_ok=True)
    bench.close_gate()
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.drive_notes", str(save_bench(bench)), operation, stack],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    bench.wait_until_reached(name)
    doomed = [driver.pid, *bench.processes()]
    for pid in doomed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    driver.wait()
    wait_for(lambda: not bench.processes())
    bench.open_gate()
