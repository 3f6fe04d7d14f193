"""What surrounds one call of the engine: the stack is made where it is missing, and a dead run's remains are recovered.

In the usual case nothing of this costs a call: that a stack is there, and that the last run ended in order, is seen
from files. Where it cannot be seen, the operation itself is tried and its refusal tells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.engine.cli import Cli
from infra.engine.empty_stack import make_empty_stack, remove_empty_stack
from infra.engine.errors import ConcurrentUpdate, StackMissing
from infra.engine.gather import Gatherer
from infra.engine.local_state import has_pending_operations, stack_exists
from infra.engine.model import READING, Operation, StackResult
from infra.engine.private_files import write_private
from infra.engine.recovery.recover import Recovery
from infra.engine.recovery.revive import revive
from infra.engine.run_lock import RunLock
from infra.engine.runner import Runner
from infra.engine.settings import EngineSettings
from infra.engine.shared_salt import borrow_salt, lend_salt
from infra.engine.stack_files import StackFiles

_MAKES_THE_STACK = frozenset({Operation.UP, Operation.PREVIEW})


@dataclass(frozen=True)
class Lifecycle:
    """Runs operations of stacks whose run lock is held.

    Args:
        settings: How the engine runs.
        cli: For calls that run no program.
        runner: For those that do.
        recovery: Recovers what a dead run left.
    """

    settings: EngineSettings
    cli: Cli
    runner: Runner
    recovery: Recovery

    def run(self, files: StackFiles, operation: Operation, lock: RunLock, gatherer: Gatherer) -> StackResult:
        """Run one operation.

        Args:
            files: The stack's files, prepared.
            operation: What to run.
            lock: The stack's run lock.
            gatherer: Takes in what happens.

        Raises:
            EngineError: the stack could not be made or recovered.
        """
        exists = stack_exists(self.settings.backend_url, files.ref)
        made = exists is False and operation in _MAKES_THE_STACK
        if made:
            self._make(files, gatherer)
        began = datetime.now(UTC)
        try:
            result = self._attempt(files, operation, lock, gatherer)
            if exists is None and operation in _MAKES_THE_STACK and isinstance(result.error, StackMissing):
                self._make(files, gatherer)
                made = True
                result = self._attempt(files, operation, lock, gatherer)
            failed = operation is Operation.UP and result.outcome == "failed" and gatherer.ended_in_order
            if failed and self.recovery.adopt_unanswered(files, lock, gatherer, began):
                result = self._attempt(files, operation, lock, gatherer)
            return result
        finally:
            if made and operation is Operation.PREVIEW:
                self._remove_unused(files)

    def recover(self, files: StackFiles, lock: RunLock, gatherer: Gatherer) -> None:
        """Recover what a dead run left behind, if there is anything.

        Args:
            files: The stack's files, prepared.
            lock: The stack's run lock.
            gatherer: Gets notes of what is done.

        Raises:
            EngineError: the stack could not be recovered.
        """
        if self._was_cut_short(files, lock):
            self.recovery.recover(files, lock, gatherer)
            lock.finish()

    def revive(self, files: StackFiles, planned: Mapping[str, str]) -> tuple[str, ...]:
        """Let replaced resources that a plan makes again change places with those that replaced them.

        Args:
            files: The stack's files.
            planned: URN -> the physical id that is going to be made.

        Raises:
            EngineError: the backend cannot be read or written.
        """
        ref = files.ref
        exported = self.cli.run(["stack", "export", "--stack", ref.stack], ref.project.folder, ref)
        state, revived = revive(json.loads(exported.stdout), planned)
        if revived:
            path = files.folder / "revived.json"
            write_private(path, json.dumps(state))
            try:
                arguments = ["stack", "import", "--stack", ref.stack, "--file", str(path)]
                self.cli.run(arguments, ref.project.folder, ref)
            finally:
                path.unlink(missing_ok=True)
        return revived

    def remove(self, files: StackFiles) -> None:
        """Remove an empty stack.

        Raises:
            EngineError: it still has resources.
        """
        self.cli.run(["stack", "rm", files.ref.stack, "--yes"], files.folder, files.ref)
        files.remove()

    def _make(self, files: StackFiles, gatherer: Gatherer) -> None:
        """Made in a folder of its own: the engine writes the stack's settings beside the project's file."""
        gatherer.note("making the stack")
        arguments = ["stack", "init", files.ref.stack, "--no-select"]
        borrow_salt(self.settings, files)
        if files.salt is not None and make_empty_stack(self.settings.backend_url, files.ref):
            return
        self.cli.run([*arguments, "--secrets-provider", self.settings.secrets_provider], files.folder, files.ref)
        lend_salt(self.settings, files)

    def _remove_unused(self, files: StackFiles) -> None:
        """Remove a stack that was made to be previewed."""
        if remove_empty_stack(self.settings.backend_url, files.ref):
            files.remove()
        else:
            self.remove(files)

    def _attempt(self, files: StackFiles, operation: Operation, lock: RunLock, gatherer: Gatherer) -> StackResult:
        if operation in READING:
            self.runner.call(files, operation, lock, gatherer)
            return gatherer.result()
        if self._was_cut_short(files, lock):
            self.recovery.recover(files, lock, gatherer)
        result = self._call(files, operation, lock, gatherer)
        if isinstance(result.error, ConcurrentUpdate) and result.error.is_left_over:
            self.recovery.recover(files, lock, gatherer)
            result = self._call(files, operation, lock, gatherer)
        return result

    def _call(self, files: StackFiles, operation: Operation, lock: RunLock, gatherer: Gatherer) -> StackResult:
        gatherer.reset()
        lock.begin(operation)
        self.runner.call(files, operation, lock, gatherer)
        result = gatherer.result()
        if gatherer.ended_in_order and not isinstance(result.error, ConcurrentUpdate):
            lock.finish()
        return result

    def _was_cut_short(self, files: StackFiles, lock: RunLock) -> bool:
        return (
            lock.interrupted is not None
            or files.recovery.exists()
            or has_pending_operations(self.settings.backend_url, files.ref) is True
        )
