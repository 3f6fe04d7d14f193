"""The step ``remove old network`` of a move: when nothing runs in it any more, policies forget it and it goes."""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning import moving
from infra.provisioning.context import Result, Work, run_step
from infra.spec.move import Stage


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: a job that was started before the switch still runs in it after an hour (conflict, tried again), or
            the engine or AWS refused, failed or did not answer.
    """
    return run_step(remove_old_network, call)


def remove_old_network(work: Work, call: StepCall) -> Result:
    """Leave the tenant in its new network alone."""
    return moving.advance(work, call, Stage.REMOVE)
