"""Scripted steps that act as real ones do on a cloud: they look for what they made, make it, and then answer.

The journal is the cloud. It takes whatever is made, also twice: only who looks first, and is alone, makes it once.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.jobs import StepCall, StepFailed
from infra.lifecycle.failures import FailureClass
from tests.faults.strike_points import StrikePoints

#: Says in the environment which folder the steps write to.
FOLDER = "BULKHEAD_TEST_FOLDER"
#: The points of a step's process, in their order: it has begun; it has seen that there is nothing yet; it has made it.
MOMENTS = ("before", "looked", "made")
#: The one that rests: a step that waits for a time, and is called again then.
_RESTS = "grace period"


def act(call: StepCall) -> dict[str, Any]:
    """Make what is this operation's and this step's."""
    asked: Mapping[str, Any] = {**call.arguments.get("spec", {}), **call.arguments}
    folder = Path(os.environ[FOLDER])
    points = StrikePoints(folder)
    append(folder / "starts", f"{call.operation} {call.step} {call.tenant} {os.getpid()}")
    if any(points.is_armed(call.operation, call.step, moment) for moment in MOMENTS):
        child = subprocess.Popen(["sleep", "600"])
        append(folder / "children", str(child.pid))
    points.reach(call.operation, call.step, "before")
    what = f"{call.operation} {call.step}"
    journal = folder / "cloud"
    if asked.get("careless") or what not in _lines(journal):
        points.reach(call.operation, call.step, "looked")
        append(journal, what)
    points.reach(call.operation, call.step, "made")
    if asked.get("fails") == call.step:
        raise StepFailed(FailureClass.USER, "it was told to fail", "tell it otherwise")
    if call.step == _RESTS and not (folder / f"rested-{call.operation}").exists():
        rest_no_more(folder, call.operation)
        return {"again_after": 0.1}
    return {"made": what}


def rest_no_more(folder: Path, operation: str) -> None:
    """Have no step of an operation rest any more."""
    (folder / f"rested-{operation}").touch()


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def append(path: Path, line: str) -> None:
    """Add a line, whole also where others add theirs."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (line + "\n").encode())
    os.close(descriptor)
