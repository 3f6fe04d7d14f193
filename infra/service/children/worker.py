"""A process that runs operations: ``python -P -m infra.service.children.worker``. Any number share a database."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from infra.jobs import JobPlan, JobSettings, Worker
from infra.provisioning.observer import OperationObserver
from infra.provisioning.plans import plans
from infra.provisioning.preload import REFRESH, preload
from infra.service.settings import ServiceSettings, load_service_settings, service_folder
from infra.service.supervision.child import begin, log_to_stderr, run_child, say_ready
from infra.settings import Settings, load_settings

#: How often a worker looks for work. An operation takes seconds; each look costs a few milliseconds of a processor.
_POLL_SECONDS = 0.25


def run(what: Mapping[str, JobPlan], modules: tuple[str, ...]) -> None:
    """Run operations until told to stop; those under way are resumed by the next worker.

    Args:
        what: The steps of each kind of operation.
        modules: What the process that steps are forked from imports once.
    """
    stop = threading.Event()
    begin(stop.set, behind_the_api=True)
    log_to_stderr()
    settings = job_settings(load_settings(), load_service_settings(), modules)
    worker = Worker(settings, what, dict(os.environ), OperationObserver())
    try:
        worker.start()
        say_ready()
        stop.wait()
    finally:
        worker.close()


def job_settings(settings: Settings, service: ServiceSettings, modules: tuple[str, ...]) -> JobSettings:
    """Place and limits of a worker.

    Args:
        settings: Of the checkout.
        service: Of the service.
        modules: As for `run`.
    """
    return JobSettings(
        folder=service_folder(settings),
        database_url=service.store_url(settings),
        global_limit=service.operations,
        worker_limit=service.operations_a_worker,
        poll_seconds=_POLL_SECONDS,
        preload=modules,
        refresh=REFRESH,
    )


if __name__ == "__main__":
    run_child(lambda: run(plans(), preload(load_settings())))
