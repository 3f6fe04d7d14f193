"""The step of an erasure that looks with fresh eyes: the inventory over all services must come out empty."""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.erasing import Erasing


def run(call: StepCall) -> Result:
    """Take the inventory of the account and of the backend.

    Args:
        call: Its arguments are not needed.

    Returns:
        ``ending``: how many things end by themselves.

    Raises:
        StepFailed: Something is left, or could not be read.
    """
    return run_step(_look, call)


def _look(work: Work, call: StepCall) -> Result:
    erasing = Erasing(work, call)
    found, state = erasing.take(), erasing.take_state()
    erasing.require_empty(found, state)
    return {"ending": len(found.items) + len(state.items)}
