"""The step ``build network`` of a move: the network of the new tier, beside the one in which all still runs."""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning import moving
from infra.provisioning.context import Result, Work, run_step
from infra.spec.move import Stage


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the change is more than a move (user), or the engine or AWS refused, failed or did not answer.
    """
    return run_step(build_network, call)


def build_network(work: Work, call: StepCall) -> Result:
    """Add the new network and nothing else."""
    moving.require_move(work, call)
    return moving.advance(work, call, Stage.BUILD)
