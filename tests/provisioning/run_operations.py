"""A worker of the real plans, whose steps are scripted: ``python -m tests.provisioning.run_operations SETTINGS``."""

from __future__ import annotations

from dataclasses import replace

from infra.jobs import JobPlan, JobStep, StepCall
from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from tests.jobs import scripted_steps
from tests.jobs.run_worker import work


def act(call: StepCall) -> object:
    """Act as the arguments say, which an onboarding has in its spec."""
    return scripted_steps.act(replace(call, arguments=call.arguments.get("spec", call.arguments)))


def undo(call: StepCall) -> object:
    """As `act`."""
    spec = {**call.arguments.get("spec", {}), **call.arguments}
    return scripted_steps.undo(replace(call, arguments=spec))


def scripted() -> dict[str, JobPlan]:
    """The plans with scripted steps in place of the real ones."""
    return {kind: JobPlan(tuple(_acts(each) for each in plan.steps), _undoes(plan)) for kind, plan in plans().items()}


def _acts(step: JobStep) -> JobStep:
    return replace(step, target="tests.provisioning.run_operations:act", timeout=60.0, attempts=3, backoff=0.05)


def _undoes(plan: JobPlan) -> JobStep | None:
    return plan.undo and replace(_acts(plan.undo), target="tests.provisioning.run_operations:undo")


if __name__ == "__main__":
    work(scripted(), OperationObserver())
