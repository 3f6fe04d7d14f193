"""The step ``scale down``: the engine brings a suspended tenant's stack to its spec, its endpoints to their minimum."""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.stack_runs import bring_up


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: as the step ``apply``; access stays closed.
    """
    return run_step(scale_down, call)


def scale_down(work: Work, call: StepCall) -> Result:
    """Bring the stack up as its suspended spec says."""
    return bring_up(work, call)
