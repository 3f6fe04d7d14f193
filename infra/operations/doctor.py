"""What a machine needs to run Bulkhead: is it there, and if not, what to do."""

from __future__ import annotations

import sys
from pathlib import Path

from infra.engine.diagnose import Check, diagnose
from infra.operations.embedded import sandbox
from infra.operations.plugins import pulumi_home
from infra.operations.workspace import engine_settings
from infra.settings import Settings


def _linked_engine(settings: Settings) -> Path:
    return pulumi_home(settings).path / "engine" / "pulumi"


def checks(settings: Settings) -> list[Check]:
    """Look, without changing anything."""
    python = ".".join(map(str, sys.version_info[:3]))
    found = [Check(name="python", ok=sys.version_info >= (3, 11), detail=python, remedy="install Python 3.11 or newer")]
    found += diagnose(engine_settings(settings, _linked_engine(settings), None))
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
