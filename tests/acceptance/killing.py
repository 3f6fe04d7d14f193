"""Chooses the moment of a run at which something happens to it: the cloud stands still while it is in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator

import psutil

from tests.acceptance.land import Ended, Land

_PAUSE_SECONDS = 0.02


def wait_for(condition: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    """Wait until it is true; fail if the run ends before."""
    while not condition():
        assert run.poll() is None, f"it ended too early: {run.communicate()[0]}"
        time.sleep(_PAUSE_SECONDS)


@contextlib.contextmanager
def still(pid: int) -> Generator[None]:
    """Stop a process for a while. What others ask of it meanwhile is done when it goes on."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def processes(run: subprocess.Popen[str]) -> list[psutil.Process]:
    """All processes of a command, its own first."""
    own = psutil.Process(run.pid)
    return [own, *own.children(recursive=True)]


def engines(all_of_it: list[psutil.Process]) -> list[psutil.Process]:
    """The Pulumi engines among processes."""
    return [each for each in all_of_it if each.name() == "pulumi"]


def kill(doomed: list[psutil.Process]) -> None:
    """End processes at once."""
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def struck(
    land: Land, command: list[str], moment: Callable[[Land], bool], strike: Callable[[list[psutil.Process]], None]
) -> Ended:
    """Run a command; at the moment hold the cloud still, so that requests are on their way, and strike the run."""
    cloud = land.sandbox.status().pid
    assert cloud is not None
    run = land.start(*command)
    wait_for(lambda: moment(land), run)
    with still(cloud):
        strike(processes(run))
    out, _ = run.communicate()
    return Ended(run.returncode, out, "")


def remains(land: Land) -> list[str]:
    """What still runs for the estate, besides its cloud."""
    return [" ".join(process.cmdline()) for process in psutil.process_iter() if _works_for(process, land)]


def _works_for(process: psutil.Process, land: Land) -> bool:
    with contextlib.suppress(psutil.Error):
        environment = process.environ()
        return environment.get("BULKHEAD_SPECS") == str(land.specs) and process.status() != psutil.STATUS_ZOMBIE
    return False
