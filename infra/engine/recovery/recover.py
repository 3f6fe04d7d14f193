"""Recovers a stack whose last run was killed: nothing is made twice, nothing is orphaned, no pending entry stays.

The dead run is fenced first: the caller holds the stack's run lock, which no process of the dead run can hold any
more. Then, in this order: the state is exported and kept in a file; what was being created is looked up in the cloud
and adopted; the state goes back, which drops its pending operations and, where the backend's lock is left over,
follows a ``cancel``; a refresh brings the state in line with the cloud. A recovery that is killed itself starts over
from the file. A run that failed in order, but for an answer that was lost, is mended in the same way.

Source: Pulumi documentation, "Interrupted updates".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from infra.engine.cli import Cli
from infra.engine.errors import ConcurrentUpdate, EngineError, RecoveryIncomplete, StackMissing
from infra.engine.gather import Gatherer
from infra.engine.model import Operation, StackRef
from infra.engine.private_files import write_private
from infra.engine.recovery.adopt import Adoption, State, adopt, pending_operations
from infra.engine.recovery.finder import Finder
from infra.engine.recovery.unanswered import unanswered
from infra.engine.run_lock import RunLock
from infra.engine.runner import Runner
from infra.engine.stack_files import StackFiles

#: Times of a cloud are told in whole seconds, by a clock that is not ours.
_CLOCKS_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True)
class Recovery:
    """Recovers stacks whose run lock is held.

    Args:
        cli: For state and locks.
        runner: For the refresh.
        finder: Looks up resources in the cloud; None: an interrupted creation cannot be recovered.
        finders: Those of single projects, by the project's name.
    """

    cli: Cli
    runner: Runner
    finder: Finder | None
    finders: Mapping[str, Finder] = field(default_factory=dict[str, Finder])

    def recover(self, files: StackFiles, lock: RunLock, gatherer: Gatherer) -> None:
        """Recover one stack.

        Args:
            files: The stack's files.
            lock: The stack's run lock.
            gatherer: Gets notes of what is done.

        Raises:
            ConcurrentUpdate: the backend's lock is held by a run that is not known to be dead.
            RecoveryIncomplete: it cannot be told whether some resource was created.
            EngineError: the backend or the refresh failed.
        """
        gatherer.note("the last run was cut short: looking for what it left behind")
        try:
            state = self._export(files.ref)
        except StackMissing:
            files.recovery.unlink(missing_ok=True)
            return
        pending = self._all_pending(files, state)
        if pending:
            write_private(files.recovery, json.dumps(pending))
        adoption = adopt(state, pending, partial(self._find, files.ref))
        if adoption.unknown:
            raise _incomplete(files.ref, adoption)
        self._put_back(files, adoption, gatherer)
        if adoption.adopted or adoption.unsettled:
            self._refresh(files, lock, gatherer)
        files.recovery.unlink(missing_ok=True)
        gatherer.note(_summary(adoption))

    def adopt_unanswered(self, files: StackFiles, lock: RunLock, gatherer: Gatherer, since: datetime) -> bool:
        """Adopt what the last run has made without knowing: its creation failed only because an answer was lost.

        Args:
            files: The stack's files, with the events of that run.
            lock: The stack's run lock.
            gatherer: Gets notes of what is done.
            since: When that run began: what was in the cloud before it, is not its own.

        Returns:
            Whether anything was adopted, so that another attempt gets further.

        Raises:
            EngineError: the backend or the refresh failed.
        """
        pending = unanswered(files.event_log)
        if not pending:
            return False
        adoption = adopt(self._export(files.ref), pending, partial(self._find_made_since, files.ref, since))
        if not adoption.adopted:
            return False
        made = [each for each in pending if each["resource"]["urn"] in adoption.adopted]
        write_private(files.recovery, json.dumps(made))
        self._put_back(files, adoption, gatherer)
        self._refresh(files, lock, gatherer)
        files.recovery.unlink(missing_ok=True)
        lock.finish()
        gatherer.note(f"{len(adoption.adopted)} adopted: they were made, though no answer said so")
        return True

    def _find_made_since(self, ref: StackRef, since: datetime, kind: str, inputs: Mapping[str, Any]) -> str | None:
        finder = self.finders.get(ref.project.name, self.finder)
        if finder is None:
            raise LookupError("nothing here can look it up")
        return finder.find_made_since(kind, inputs, since - _CLOCKS_DIFFER)

    def _export(self, ref: StackRef) -> dict[str, Any]:
        exported = self.cli.run(["stack", "export", "--stack", ref.stack], ref.project.folder, ref)
        return json.loads(exported.stdout)

    def _all_pending(self, files: StackFiles, state: State) -> list[dict[str, Any]]:
        """Those of the state, and those that a killed recovery had taken out of it but not settled."""
        pending = pending_operations(state)
        if files.recovery.exists():
            listed = {operation["resource"]["urn"] for operation in pending}
            kept = json.loads(files.recovery.read_text())
            pending += [operation for operation in kept if operation["resource"]["urn"] not in listed]
        return pending

    def _find(self, ref: StackRef, kind: str, inputs: Mapping[str, Any]) -> str | None:
        finder = self.finders.get(ref.project.name, self.finder)
        if finder is None:
            raise LookupError("nothing here can look it up")
        return finder.find(kind, inputs)

    def _put_back(self, files: StackFiles, adoption: Adoption, gatherer: Gatherer) -> None:
        """Import the settled state; the attempt also tells whether the backend is still locked, and by whom."""
        path = files.folder / "settled.json"
        write_private(path, json.dumps(adoption.state))
        arguments = ["stack", "import", "--stack", files.ref.stack, "--file", str(path)]
        try:
            try:
                self.cli.run(arguments, files.ref.project.folder, files.ref)
            except ConcurrentUpdate as error:
                if not error.is_left_over:
                    raise
                gatherer.note("lifting the lock of the dead run")
                self.cli.run(["cancel", files.ref.stack, "--yes"], files.ref.project.folder, files.ref)
                self.cli.run(arguments, files.ref.project.folder, files.ref)
        finally:
            path.unlink(missing_ok=True)

    def _refresh(self, files: StackFiles, lock: RunLock, gatherer: Gatherer) -> None:
        gatherer.note("refreshing the state")
        quiet = Gatherer(files.ref, Operation.REFRESH, None)
        lock.begin(Operation.REFRESH)
        self.runner.call(files, Operation.REFRESH, lock, quiet)
        result = quiet.result()
        if result.error is not None:
            raise result.error
        if result.outcome != "succeeded":
            raise EngineError("the recovery was interrupted", remedy="run again", where=str(files.ref))


def _incomplete(ref: StackRef, adoption: Adoption) -> RecoveryIncomplete:
    reasons = "; ".join(f"{urn.split('::', 2)[-1]} ({reason})" for urn, reason in adoption.unknown.items())
    return RecoveryIncomplete(
        f"the last run was killed while it created: {reasons}",
        remedy=(
            "look in the cloud whether they exist; delete those that do, then run"
            f" `pulumi refresh --stack {ref.stack} --clear-pending-creates`"
        ),
        where=str(ref),
    )


def _summary(adoption: Adoption) -> str:
    parts = [
        f"{len(adoption.adopted)} adopted" if adoption.adopted else "",
        f"{len(adoption.dropped)} never created" if adoption.dropped else "",
        f"{len(adoption.unsettled)} brought up to date" if adoption.unsettled else "",
    ]
    return "recovered: " + (", ".join(part for part in parts if part) or "nothing was left behind")
