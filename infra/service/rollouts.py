"""Carries out the rollouts that were given to the service, look after look, for as long as the process runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NoReturn

from infra.operations.fleet_rollouts import Rollouts
from infra.provisioning.rollout_runner import RolloutRunner, by_the_engine
from infra.service.settings import load_service_settings
from infra.settings import load_settings
from infra.store.database import open_store


def run_rollouts(pause_seconds: float) -> NoReturn:
    """Carry rollouts out; ends with an exception only, such as SystemExit on SIGTERM.

    Args:
        pause_seconds: Between two looks.
    """
    settings = load_settings()
    store = open_store(load_service_settings().store_url(settings))
    try:
        runner = RolloutRunner(
            Rollouts(settings.home),
            store,
            by_the_engine(settings),
            at_once=settings.parallel,
            now=lambda: datetime.now(UTC),
        )
        while True:
            runner.run_due()
            time.sleep(pause_seconds)
    finally:
        store.dispose()
