"""A worker of the real plans and steps, warm as the service's own: ``python -m tests.faults.real_worker SETTINGS``."""

from __future__ import annotations

import sys
from dataclasses import replace

from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from infra.provisioning.preload import preload
from infra.settings import load_settings
from tests.jobs.run_worker import settings_of, work

if __name__ == "__main__":
    work(plans(), OperationObserver(), replace(settings_of(sys.argv[1]), preload=preload(load_settings())))
