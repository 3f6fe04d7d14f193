"""What the service needs to be ready: its database, its other processes, and in the sandbox the embedded cloud."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from anyio.to_thread import run_sync
from sqlalchemy import Engine, select

from infra.api.health import Check
from infra.operations.embedded import sandbox
from infra.service.supervision.child import ChildState
from infra.service.supervision.status import read_status
from infra.settings import Settings
from infra.store.database import reading


class NotRunning(Exception):
    """Something that the service needs does not run; the message says what."""


def process_checks(folder: Path, names: Sequence[str]) -> dict[str, Check]:
    """One check a process.

    Args:
        folder: Of the service.
        names: Of the processes.
    """
    return {name: _process(folder, name) for name in names}


def surrounding_checks(settings: Settings, store: Engine) -> dict[str, Check]:
    """The checks of what the API needs besides other processes.

    Args:
        settings: Of the checkout.
        store: The store.
    """

    def ask_database() -> None:
        with reading(store) as connection:
            connection.execute(select(1))

    def ask_sandbox() -> None:
        if not sandbox(settings).status().healthy:
            raise NotRunning("the sandbox is not running: bulkhead sandbox up")

    async def database() -> None:
        await run_sync(ask_database)

    async def cloud() -> None:
        await run_sync(ask_sandbox)

    checks: dict[str, Check] = {"database": database}
    if settings.cloud == "sandbox":
        checks["sandbox"] = cloud
    return checks


def _process(folder: Path, name: str) -> Check:
    async def check() -> None:
        found = read_status(folder).get(name)
        if found is None or found.state is not ChildState.RUNNING:
            raise NotRunning(f"{name}: {found}")

    return check
