"""One version or another of the blueprint for a tenant: its code from the history, run in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.blueprint import version_of_checkout
from infra.closing import Closing
from infra.engine import Operation, StackRef, StackResult
from infra.fleet.releases import Code, History
from infra.operations import run
from infra.operations.plugins import prepare_engine
from infra.operations.preflight import lacks_artifacts
from infra.operations.projects import tenant_stack
from infra.operations.run import OnEvent
from infra.operations.versions.folders import code_folder
from infra.operations.versions.process import VersionProcess
from infra.operations.workspace import Workspace
from infra.settings import ROOT


class Versions(Closing):
    """Runs tenants' stacks by any version; the processes that it starts are kept until it is closed.

    Args:
        workspace: The specs, the cloud, and the engine of this version.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._history = History(workspace.settings.blueprint)
        self._codes: dict[str, Code] = {}
        self._runnable: set[str] = set()
        self._processes: dict[str, VersionProcess] = {}

    def close(self) -> None:
        """End the processes."""
        for process in self._processes.values():
            process.close()
        self._processes.clear()

    def code(self, ref: str) -> Code:
        """The code that a name stands for.

        Args:
            ref: A branch, tag or commit of the blueprint's repository, or a version that its history has.

        Raises:
            UserError: There is no such commit or version.
        """
        if ref not in self._codes:
            self._codes[ref] = self._history.at(ref)
        return self._codes[ref]

    def require_kept(self, version: str) -> None:
        """Refuse a version that no branch and no tag leads to: another process would not find it again.

        Args:
            version: The version.

        Raises:
            UserError: No commit that is reached has it.
        """
        self._history.at(version)

    def require_runnable(self, ref: str) -> None:
        """Refuse a version whose code is not there, or cannot read the specs as they are now.

        Args:
            ref: As for `code`.

        Raises:
            UserError: It could not run any tenant.
        """
        if ref not in self._runnable:
            self._run(ref, Operation.PREVIEW, [], True, {}, None)
            self._runnable.add(ref)

    def run(
        self,
        ref: str,
        operation: Operation,
        tenants: Sequence[str],
        *,
        events: Mapping[str, Path] | None = None,
        on_event: OnEvent | None = None,
    ) -> list[StackResult]:
        """Preview or bring up tenants, side by side; as many models are served as are deployed or can be.

        Args:
            ref: As for `code`; what this process runs itself needs no commit.
            operation: ``PREVIEW`` or ``UP``.
            tenants: The tenants.
            events: By tenant, the file that gets the engine's events.
            on_event: Is told of progress.

        Raises:
            UserError: Nothing was run; says what to mend.
        """
        bare = [tenant for tenant in tenants if lacks_artifacts(self._workspace, tenant)]
        results: list[StackResult] = []
        for group, models in (([one for one in tenants if one not in bare], True), (bare, False)):
            if group:
                files = {tenant: path for tenant, path in (events or {}).items() if tenant in group}
                results += self._run(ref, operation, group, models, files, on_event)
        return results

    def _run(
        self,
        ref: str,
        operation: Operation,
        tenants: Sequence[str],
        models: bool,
        events: Mapping[str, Path],
        on_event: OnEvent | None,
    ) -> list[StackResult]:
        own = version_of_checkout(ROOT)
        if own in (ref, None if ref == own else self.code(ref).version):
            stacks: dict[str, StackRef] = {tenant: tenant_stack(tenant) for tenant in tenants}
            files = {stacks[tenant]: path for tenant, path in events.items()}
            return run.apply(
                self._workspace, list(stacks.values()), operation, models=models, on_event=on_event, events=files
            )
        return self._process(self.code(ref)).run(operation, tenants, models=models, events=events, on_event=on_event)

    def _process(self, code: Code) -> VersionProcess:
        if code.commit not in self._processes:
            settings = self._workspace.settings
            _ = self._workspace.cloud  # is there, and is the one that the stacks were made in
            folder = code_folder(self._history, code, settings.home)
            command = prepare_engine(settings, self._workspace.report)
            self._processes[code.commit] = VersionProcess(settings, command, folder)
        return self._processes[code.commit]
