"""The service's own plans, with steps that write down what they do in place of those that change a cloud."""

from __future__ import annotations

import fcntl
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.jobs import JobPlan, StepCall
from infra.provisioning.plans import plans

#: Says which folder the steps write to.
FOLDER = "BULKHEAD_TEST_FOLDER"
TARGET = "tests.service.scripted_plans:act"


def scripted() -> dict[str, JobPlan]:
    """The plans with each step's target replaced: names, order, retries and undo stay what they are."""
    return {
        kind: JobPlan(
            tuple(replace(step, target=TARGET) for step in plan.steps),
            None if plan.undo is None else replace(plan.undo, target=TARGET),
        )
        for kind, plan in plans().items()
    }


def act(call: StepCall) -> dict[str, Any]:
    """Note the start; be alone with the tenant; have an effect that cannot be made twice, as a real step."""
    folder = Path(os.environ[FOLDER])
    append(folder / "starts", f"{call.operation} {call.step} {call.tenant}")
    with (folder / f"busy-{call.tenant}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # another step of the tenant is on its way: a defect
        while (folder / f"hold-{call.tenant}").exists():
            time.sleep(0.01)
        effect = folder / f"effect-{call.operation}-{call.step}"
        if not effect.exists():  # look first what an attempt that was killed has made
            append(folder / "effects", f"{call.operation} {call.step}")
            effect.touch(exist_ok=False)
    return {}


def append(path: Path, line: str) -> None:
    """Add a line, whole also where others add theirs."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (line + "\n").encode())
    os.close(descriptor)
