"""The application that a service answers HTTP with, made from its settings: the wiring, and nothing else."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from infra.api.health import health_router
from infra.api.metrics import metrics_router
from infra.api.problems.handlers import add_problem_handlers
from infra.service.readiness import process_checks, surrounding_checks
from infra.service.settings import ServiceSettings, service_folder
from infra.settings import Settings
from infra.store.database import open_store


@contextmanager
def application(settings: Settings, service: ServiceSettings, processes: Sequence[str]) -> Generator[FastAPI]:
    """The application; what it opened is closed at the end.

    Args:
        settings: Of the checkout.
        service: Of the service.
        processes: The names of the other processes of this machine.
    """
    store = open_store(service.store_url(settings.home))
    checks = surrounding_checks(settings, store) | process_checks(service_folder(settings.home), processes)
    app = FastAPI(title="Bulkhead", docs_url=None, redoc_url=None)
    add_problem_handlers(app)
    app.include_router(health_router(checks))
    app.include_router(metrics_router(CollectorRegistry()))
    try:
        yield app
    finally:
        store.dispose()
