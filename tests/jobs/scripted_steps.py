"""Steps that write down what they do, stop where the test says, and fail as the arguments say."""

from __future__ import annotations

import fcntl
import os
import subprocess
import time
from pathlib import Path

from infra.jobs import JobPlan, JobStep, StepCall, StepFailed
from infra.lifecycle.failures import FailureClass

NAMES = ["prepare", "build", "check", "publish"]


def act(call: StepCall) -> object:
    """Take part in the test as the operation's arguments say.

    It keeps the effect of the step in a file of its own that cannot be made twice, and notes each start in a log.
    """
    folder = Path(call.arguments["folder"])
    _append(folder / "starts", f"{call.operation} {call.step} {call.tenant} {os.getpid()}")
    _fail_where_told(call, folder)
    if call.arguments.get("hold") == call.step:
        _hold(folder, call)
    effect = folder / f"effect-{call.operation}-{call.step}"
    if not effect.exists():  # as a real step: look first what an attempt that was killed has made
        effect.touch(exist_ok=False)
        _append(folder / "effects", f"{call.operation} {call.step}")
    if call.arguments.get("hold-after") == call.step:
        _hold(folder, call)
    if "alone" in call.arguments:
        be_alone(folder, call.tenant)
    return call.arguments.get("returns", {}).get(
        call.step, f"{call.step} of {call.operation}, after {len(call.results)}"
    )


def _fail_where_told(call: StepCall, folder: Path) -> None:
    fails = call.arguments.get("fails", {}).get(call.step)
    if fails is None:
        return
    failure_class, times = fails
    seen = folder / f"failed-{call.operation}-{call.step}"
    count = len(seen.read_text()) if seen.exists() else 0
    if count < times:
        _append(seen, "", end="x")
        if failure_class == "crash":
            os.abort()
        if failure_class == "defect":
            raise ZeroDivisionError("a defect")
        raise StepFailed(FailureClass(failure_class), f"failed for the {count + 1}. time", "try again")


def _hold(folder: Path, call: StepCall) -> None:
    """Say that the step is in its middle, and wait until the test lets go."""
    call.progress(1, 2)
    gate = folder / f"open-{call.operation}"
    child = None
    if not gate.exists():
        child = subprocess.Popen(["sleep", "600"])
        _append(folder / "children", str(child.pid))
    (folder / f"reached-{call.operation}").touch()
    while not gate.exists():
        time.sleep(0.01)
    if child is not None:
        child.kill()
        child.wait()


def be_alone(folder: Path, tenant: str) -> None:
    """Fail when another step of the same tenant is on its way."""
    with (folder / f"busy-{tenant}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(0.01)


def _append(path: Path, line: str, end: str = "\n") -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (line + end).encode())
    os.close(descriptor)


def undo(call: StepCall) -> object:
    """Put back: as `act`, in the name of ``undo``; it notes which step the job had stopped in."""
    _append(Path(call.arguments["folder"]) / "undone", f"{call.operation} {call.arguments['stopped_in']}")
    return act(call)


def rest_once(call: StepCall) -> object:
    """Ask to be called again, once; a step of this kind tells how often it was called."""
    folder = Path(call.arguments["folder"])
    _append(folder / "starts", f"{call.operation} {call.step} {call.tenant} {os.getpid()}")
    rested = folder / f"rested-{call.operation}"
    if rested.exists():
        return {"attempt": call.attempt, "results": dict(call.results)}
    rested.touch()
    return {"again_after": call.arguments["seconds"]}


def steps(*names: str) -> tuple[JobStep, ...]:
    """Steps of the given names, quick to try again."""
    return tuple(JobStep(name, f"{__name__}:act", timeout=30.0, attempts=3, backoff=0.05) for name in names)


PLANS = {
    "onboard": JobPlan(steps(*NAMES)),
    "change": JobPlan(steps(*NAMES), JobStep("put back", f"{__name__}:undo", attempts=2, backoff=0.05)),
    "short": JobPlan(steps("only")),
    "slow": JobPlan((JobStep("only", f"{__name__}:act", timeout=0.5, attempts=1),)),
    "rest": JobPlan((*steps("prepare"), JobStep("rest", f"{__name__}:rest_once"))),
}


_kept: list[str] = []


def reread() -> None:
    """What the warm process does before each step."""
    _kept[:] = [Path(os.environ["REREAD"]).read_text()]


def kept(call: StepCall) -> str:
    """A step that finds what was read; it reads nothing itself."""
    del call
    return _kept[0]
