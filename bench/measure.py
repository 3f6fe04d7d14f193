"""What a command costs as a whole: wall time, and the CPU-seconds of every process that it started.

The measuring process becomes the reaper of everything below it (Linux, prctl(2) ``PR_SET_CHILD_SUBREAPER``), so that
engines, plugins and warm workers count even where their parent ended before them.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Wall seconds and CPU-seconds (user and system)."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(wall=self.wall + other.wall, cpu=self.cpu + other.cpu)


class CommandFailed(Exception):
    """A measured command failed, so that its time means nothing."""


def become_reaper() -> None:
    """Let this process inherit, and so account for, every orphan below it."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER) failed")


def run(command: Sequence[str], *, folder: Path, environment: Mapping[str, str], cloud_pid: int) -> Cost:
    """Run a command to its end, and everything that it started, and say what it cost.

    Args:
        command: The command.
        folder: Where it runs.
        environment: Its whole environment.
        cloud_pid: The sandbox's process: what it worked meanwhile counts too.

    Raises:
        CommandFailed: its exit code was not 0; carries the end of what it printed.
    """
    cloud = psutil.Process(cloud_pid)
    cloud_before, children_before = _cpu(cloud), os.times()
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    _reap_all(cloud_pid)
    children = os.times()
    if done.returncode != 0:
        raise CommandFailed(
            f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    cpu = (
        children.children_user
        + children.children_system
        - children_before.children_user
        - children_before.children_system
    )
    return Cost(wall=wall, cpu=cpu + _cpu(cloud) - cloud_before)


def cpu_below() -> float:
    """CPU-seconds of everything below this process so far: what runs, what these waited for, and what has ended.

    For what runs on while it is measured; `become_reaper` must have been called, or orphans would not count.
    """
    ended = os.times()
    return ended.children_user + ended.children_system + sum(map(_with_children, _below()))


def _below() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _with_children(process: psutil.Process) -> float:
    """0 for one that ends meanwhile: its parent has its time then."""
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return used.user + used.system + used.children_user + used.children_system


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def _reap_all(spared: int) -> None:
    """Wait for what the command left behind; the sandbox, which lives on, is spared."""
    for child in psutil.Process().children():
        if child.pid == spared:
            continue
        try:
            os.waitpid(child.pid, 0)
        except ChildProcessError:
            continue
