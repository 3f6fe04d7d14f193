"""A bench with tenants in any state, and the agreement of job, operation, tenant and events after whatever happened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.jobs import JobStatus
from infra.lifecycle import progress
from infra.lifecycle.operations import Operation, OperationState
from infra.lifecycle.states import OperationKind, State
from infra.provisioning import requests
from infra.store import changes, events, operations, tenants
from infra.store.changes import Asked
from infra.store.database import reading, transaction
from tests.jobs.job_bench import Bench

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_STATES = {
    JobStatus.SUCCEEDED: OperationState.SUCCEEDED,
    JobStatus.FAILED: OperationState.FAILED,
    JobStatus.CANCELLED: OperationState.CANCELLED,
}


@dataclass(frozen=True)
class Kind:
    """A kind of operation, and the state from which it is tried.

    Attributes:
        after: The state after it has succeeded.
    """

    kind: OperationKind
    before: State
    after: State
    stays_suspended: bool = False

    @property
    def name(self) -> str:
        return f"{self.kind}-suspended" if self.stays_suspended else str(self.kind)


KINDS = (
    Kind(OperationKind.ONBOARD, State.REQUESTED, State.ACTIVE),
    Kind(OperationKind.UPDATE, State.ACTIVE, State.ACTIVE),
    Kind(OperationKind.UPDATE, State.SUSPENDED, State.SUSPENDED, stays_suspended=True),
    Kind(OperationKind.UPGRADE, State.ACTIVE, State.ACTIVE),
    Kind(OperationKind.MOVE, State.ACTIVE, State.ACTIVE),
    Kind(OperationKind.SUSPEND, State.ACTIVE, State.SUSPENDED),
    Kind(OperationKind.RESUME, State.SUSPENDED, State.ACTIVE),
    Kind(OperationKind.ERASE, State.ACTIVE, State.ERASED),
)


class EstateBench(Bench):
    """Tenants, operations on them, and workers of the real plans."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        limit: int = 64,
        module: str = "tests.provisioning.run_operations",
    ) -> None:
        super().__init__(folder, database_url, limit, module)

    def ask(self, name: str, what: Kind, **arguments: Any) -> Operation:
        """Ask for an operation of that id, on a tenant of that id."""
        given = {"folder": str(self.folder), **arguments}
        asked = Asked(operation=name, caller="ada", priority=5, now=NOW)
        with transaction(self.database) as connection:
            if what.kind is OperationKind.ONBOARD:
                return requests.onboard(connection, asked, name, given)
        self.settle(name, what.before)
        with transaction(self.database) as connection:
            return requests.change(connection, asked, name, what.kind, given, stays_suspended=what.stays_suspended)

    def ask_again(self, name: str, tenant: str, what: Kind) -> None:
        """Ask for a change of that id, on a tenant that is there."""
        asked = Asked(operation=name, caller="ada", priority=5, now=NOW)
        with transaction(self.database) as connection:
            requests.change(connection, asked, tenant, what.kind, {"folder": str(self.folder)})

    def settle(self, tenant: str, state: State) -> None:
        """Make a tenant that is active or suspended, as if operations had made it so."""
        kinds = [OperationKind.ONBOARD] + [OperationKind.SUSPEND] * (state is State.SUSPENDED)
        for kind in kinds:
            asked = Asked(operation=f"earlier-{kind}-{tenant}", caller="ada", priority=5, now=NOW)
            with transaction(self.database) as connection:
                if kind is OperationKind.ONBOARD:
                    steps = changes.request_tenant(connection, tenant, "{}", asked).steps
                else:
                    steps = changes.start(connection, tenant, kind, asked).steps
                for step in steps:
                    for how in (progress.begin_step, progress.end_step):
                        changes.move(
                            connection,
                            asked.operation,
                            lambda operation, at, how=how, name=step.name: how(operation, at, name),
                            NOW,
                        )

    def cancel(self, name: str) -> None:
        with transaction(self.database) as connection:
            requests.cancel(connection, name, NOW)

    def state(self, tenant: str) -> State:
        with reading(self.database) as connection:
            return tenants.get(connection, tenant).condition.state

    def spec(self, tenant: str) -> dict[str, Any]:
        with reading(self.database) as connection:
            return json.loads(tenants.get(connection, tenant).spec)

    def told(self, operation: str) -> list[str]:
        """What was told of an operation, in its order, without the progress within steps."""
        with reading(self.database) as connection:
            found = events.after(connection, 0, operation=operation, limit=1000)
        names = [each.name for each in found]
        return [name for name in names if name != "operation.running"]

    def require_agreement(self, *names: str) -> None:
        """Job, operation, tenant and events of operations that are over say the same."""
        for name in names:
            job = self.tickets.get(name)
            with reading(self.database) as connection:
                operation = operations.get(connection, name).operation
                told = events.after(connection, 0, tenant=name, limit=1000)
            assert operation.state is _STATES[job.status], name
            assert operation.steps_done == job.steps_done, name
            last = [json.loads(each.data)["to"] for each in told if each.name.startswith("tenant.")][-1]
            assert last == self.state(name), name
            final = [each.name for each in told if each.operation == name][-1]
            assert final == f"operation.{operation.state}", name
            assert self.told(name).count(final) == 1, name
            if job.failure is not None:
                assert operation.failure is not None
                assert operation.failure.message == job.failure.message

    def percent(self, operation: str) -> int:
        with reading(self.database) as connection:
            return operations.get(connection, operation).operation.percent
