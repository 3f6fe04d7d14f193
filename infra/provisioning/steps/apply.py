"""The step ``apply``: the engine brings the tenant's stack to what its spec says, or to another version's code."""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.stack_runs import bring_up, upgraded_to


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the engine or AWS refused, failed or did not answer; the class says whether it is tried again.
    """
    return run_step(apply, call)


def apply(work: Work, call: StepCall) -> Result:
    """Bring the stack up; an upgrade by the code that its arguments name."""
    return bring_up(work, call, version=upgraded_to(call))
