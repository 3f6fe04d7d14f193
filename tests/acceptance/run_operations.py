"""A worker of the real plans and steps: ``python -m tests.acceptance.run_operations SETTINGS``."""

from __future__ import annotations

from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from tests.jobs.run_worker import work

if __name__ == "__main__":
    work(plans(), OperationObserver())
