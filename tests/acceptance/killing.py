"""Chooses the moment of a run at which something happens to it: the cloud stands still while it is in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator

import psutil

from infra.engine.local_state import stack_file
from infra.operations.projects import tenant_stack
from tests.acceptance.census import ids, take
from tests.acceptance.land import Ended, Land

_PAUSE_SECONDS = 0.02
_CLIENT = "--client="
_PENDING = b'"pending_operations"'
_SAME = 10
_LOOKS = 20


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
    """The Pulumi engines among processes that run a program; others only look something up."""
    return [each for each in all_of_it if _is_engine(each)]


def _is_engine(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.name() == "pulumi" and _CLIENT in " ".join(process.cmdline())
    return False


def kill(doomed: list[psutil.Process]) -> None:
    """End processes at once."""
    for process in doomed:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def struck(
    land: Land, command: list[str], moment: Callable[[Land], bool], strike: Callable[[list[psutil.Process]], None]
) -> Ended:
    """Run a command on a stack; at the moment hold the cloud still until requests are on their way, and strike the run.

    Args:
        land: Where.
        command: Its arguments; the second is a tenant.
        moment: Whether it has come.
        strike: Does something to the run's processes, of which the command's own is the first.
    """
    with _requests_on_their_way(land, command, moment) as run:
        strike(processes(run))
    return _end_of(run)


def killed_unheard(land: Land, command: list[str], moment: Callable[[Land], bool]) -> Ended:
    """Kill a run with all its processes after the cloud has done what it asked for, but before it heard of it.

    Args:
        land: Where.
        command: Its arguments; the second is a tenant.
        moment: The earliest.
    """
    with _requests_on_their_way(land, command, moment) as run:
        (engine,) = engines(processes(run))
        engine.suspend()
    for _ in range(_LOOKS):
        there = take(land.client)
        if {each for each in ids(there) if command[1] in each[1]} - land.resources(command[1]):
            break
    kill(processes(run))
    return _end_of(run)


@contextlib.contextmanager
def _requests_on_their_way(
    land: Land, command: list[str], moment: Callable[[Land], bool]
) -> Generator[subprocess.Popen[str]]:
    """A run whose cloud stands still, so that operations have begun and none of them ends."""
    cloud = land.sandbox.status().pid
    assert cloud is not None
    state = stack_file(land.settings.backend_url, tenant_stack(command[1]))
    assert state is not None
    run = land.start(*command)
    wait_for(lambda: moment(land), run)
    with still(cloud):
        seen: list[bytes] = []

        def stands() -> bool:
            seen.append(state.read_bytes())
            return _PENDING in seen[-1] and len(seen) > _SAME and len(set(seen[-_SAME:])) == 1

        wait_for(stands, run)
        yield run


def _end_of(run: subprocess.Popen[str]) -> Ended:
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
