"""Answers ``/healthz`` and ``/readyz`` for a machine that runs workers or the outbox alone, and nothing else.

``python -P -m infra.service.children.health LISTENER NAME ...``
"""

from __future__ import annotations

import sys

from fastapi import FastAPI

from infra.api.health import health_router
from infra.api.problems.handlers import add_problem_handlers
from infra.service.children.listening import serve
from infra.service.readiness import process_checks
from infra.service.settings import service_folder
from infra.service.supervision.child import begin, log_to_stderr, run_child
from infra.settings import load_settings


def main() -> None:
    """Answer until told to stop."""
    begin()
    log_to_stderr()
    app = FastAPI(title="Bulkhead", docs_url=None, redoc_url=None, openapi_url=None)
    add_problem_handlers(app)
    app.include_router(health_router(process_checks(service_folder(load_settings()), sys.argv[2:])))
    serve(app, int(sys.argv[1]))


if __name__ == "__main__":
    run_child(main)
