"""The step ``switch endpoints`` of a move: policies let both networks in, and the endpoints change over.

SageMaker starts a new fleet in the new network, lets traffic over when it is in service, and only then ends the old
one. Source: Amazon SageMaker Developer Guide, "Blue/Green Deployments".
"""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning import moving
from infra.provisioning.context import Result, Work, run_step
from infra.spec.move import Stage


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the engine or AWS refused, failed or did not answer; an endpoint that was rolled back serves as
            before.
    """
    return run_step(switch_endpoints, call)


def switch_endpoints(work: Work, call: StepCall) -> Result:
    """Bring all but the networks to what the tenant's spec says."""
    return moving.advance(work, call, Stage.SWITCH)
