"""Which durable steps an operation takes: those of the lifecycle, each run by the module of its name.

The step ``close access`` is run by `infra.provisioning.steps.close_access`, function ``run``. Their order is the
lifecycle's, and is not repeated here.
"""

from __future__ import annotations

from infra.jobs import JobPlan, JobStep
from infra.lifecycle.states import OperationKind
from infra.lifecycle.steps import STEPS_WHILE_SUSPENDED, Step, steps_of

#: Of steps that take longer than others: how long one attempt may take, in seconds.
#: A SageMaker endpoint takes up to 20 minutes, an account of many objects hours to empty.
_TIMEOUTS = {
    "apply": 2 * 3600.0,
    "build network": 2 * 3600.0,
    "switch endpoints": 2 * 3600.0,
    "remove old network": 2 * 3600.0,
    "export": 12 * 3600.0,
    "remove": 12 * 3600.0,
}
_USUAL_TIMEOUT = 3600.0


def job_kind(kind: OperationKind, *, stays_suspended: bool = False) -> str:
    """The name of the plan of an operation.

    Args:
        kind: What it does.
        stays_suspended: Whether the tenant is suspended after it as well.
    """
    return f"{kind} while suspended" if stays_suspended and kind in STEPS_WHILE_SUSPENDED else str(kind)


def plans() -> dict[str, JobPlan]:
    """The plan of each kind of operation, by `job_kind`."""
    found = {job_kind(kind): _plan(kind) for kind in OperationKind}
    return found | {
        job_kind(kind, stays_suspended=True): _plan(kind, stays_suspended=True) for kind in STEPS_WHILE_SUSPENDED
    }


def target_of(name: str) -> str:
    """The function that runs a step of that name."""
    return f"infra.provisioning.steps.{name.replace(' ', '_')}:run"


def _plan(kind: OperationKind, *, stays_suspended: bool = False) -> JobPlan:
    steps = tuple(_step(each) for each in steps_of(kind, stays_suspended=stays_suspended))
    undo = JobStep("put back", target_of("put back"), timeout=_TIMEOUTS["apply"])
    return JobPlan(steps, None if kind is OperationKind.ERASE else undo)


def _step(step: Step) -> JobStep:
    return JobStep(step.name, target_of(step.name), timeout=_TIMEOUTS.get(step.name, _USUAL_TIMEOUT))
