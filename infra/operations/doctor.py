"""What a machine needs to run Bulkhead: is it there, and if not, what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable

from infra.engine import Check, diagnose, find_engine
from infra.operations.embedded import sandbox
from infra.operations.provider import pulumi_home
from infra.settings import Settings


def prepare_machine(settings: Settings, report: Callable[[str], None]) -> None:
    """Find or make the engine and install the plugins that the settings ask for."""
    pulumi_home(settings, find_engine(progress=report).path)


def checks(settings: Settings) -> list[Check]:
    """Look, without changing anything."""
    python = ".".join(map(str, sys.version_info[:3]))
    found = [Check(name="python", ok=sys.version_info >= (3, 11), detail=python, remedy="install Python 3.11 or newer")]
    found += diagnose(settings.home)
    if settings.cloud == "sandbox":
        status = sandbox(settings).status()
        found.append(
            Check(
                name="sandbox",
                ok=True,
                detail=f"running at {status.endpoint_url}" if status.healthy else "not running (bulkhead sandbox up)",
                remedy="",
            )
        )
    return found
