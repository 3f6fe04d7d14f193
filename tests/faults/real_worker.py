"""A worker of the real plans and steps, warm as the service's own: ``python -m tests.faults.real_worker SETTINGS``."""

from __future__ import annotations

import sys
from dataclasses import replace

from infra.jobs import JobPlan, JobStep
from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from infra.provisioning.preload import preload
from infra.settings import load_settings
from tests.jobs.run_worker import settings_of, work

_STEPS = "tests.faults.real_steps"


def with_points() -> dict[str, JobPlan]:
    """The service's own plans; each step passes the points around it."""
    return {
        kind: JobPlan(tuple(_passes(each) for each in plan.steps), plan.undo and _passes(plan.undo))
        for kind, plan in plans().items()
    }


def _passes(step: JobStep) -> JobStep:
    return replace(step, target=f"{_STEPS}:run")


if __name__ == "__main__":
    warm = (*preload(load_settings()), _STEPS)
    work(with_points(), OperationObserver(), replace(settings_of(sys.argv[1]), preload=warm, poll_seconds=0.5))
