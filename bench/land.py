"""A place to measure in: a home and an embedded cloud of its own, and commands that run there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.estate import BenchEstate
from bench.measure import Cost, run
from infra.engine.settings import inherited_environment
from infra.operations.embedded import sandbox
from infra.operations.projects import tenant_stack
from infra.operations.workspace import Workspace
from infra.settings import ROOT, Settings

BULKHEAD = (str(Path(sys.executable).parent / "bulkhead"),)


class Land:
    """A temporary home with a running sandbox, which ends with it.

    Args:
        folder: An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder / "home")
        self.pid = 0

    def __enter__(self) -> Self:
        self.pid = sandbox(self.settings).up().pid or 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sandbox(self.settings).down()

    def settle(self, estate: BenchEstate) -> None:
        """Work on this estate from now on."""
        self.settings = Settings(
            home=self.settings.home, platform_spec=estate.platform, specs=estate.specs, parallel=self.settings.parallel
        )

    def environment(self) -> dict[str, str]:
        """The whole environment of Bulkhead's commands here."""
        variables = {
            "BULKHEAD_HOME": str(self.settings.home),
            "BULKHEAD_PLATFORM_SPEC": str(self.settings.platform_spec),
            "BULKHEAD_SPECS": str(self.settings.specs),
        }
        return {**inherited_environment(), **variables}

    def bulkhead(self, *arguments: str) -> Cost:
        """Run a command of Bulkhead."""
        return run([*BULKHEAD, *arguments], folder=ROOT, environment=self.environment(), cloud_pid=self.pid)

    def pulumi(self, project: Path, *arguments: str) -> Cost:
        """Run a command of the plain command line in a project's folder, over the same backend and cloud."""
        with Workspace(self.settings) as workspace:
            environment = {**inherited_environment(), **workspace.plain_cli_environment()}
        return run(
            ["pulumi", *arguments, "--non-interactive"], folder=project, environment=environment, cloud_pid=self.pid
        )

    def deployment(self, name: str) -> dict[str, Any]:
        """The exported state of a tenant's stack."""
        with Workspace(self.settings) as workspace:
            return workspace.engine.export(tenant_stack(name))["deployment"]
