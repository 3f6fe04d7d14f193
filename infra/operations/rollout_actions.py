"""Does what a rollout decides, by the engine: previews and proofs, upgrades, checks, and rollbacks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.engine import Operation, StackResult
from infra.errors import UserError
from infra.fleet import Done, blueprint_version
from infra.fleet.model import Planned
from infra.operations.fleet_memory import record_run, remember
from infra.operations.isolation_gate import judge_plan
from infra.operations.planned_proof import prove_planned
from infra.operations.projects import tenant_stack
from infra.operations.rollout_before import StatesBefore
from infra.operations.run import OnEvent
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace
from infra.proof.report import Verdict

#: Checks a tenant by its own credentials: put and get, invoke, denied on a neighbour's. `UserError`: nobody can tell.
Health = Callable[[Workspace, str], Done]


class EngineActions:
    """The actions of a rollout.

    Args:
        workspace: The specs, the cloud and the engine.
        versions: Run the versions' code.
        health: Checks a tenant.
        on_event: Is told of the engine's progress.
        clock: Tells the time.
    """

    def __init__(
        self,
        workspace: Workspace,
        versions: Versions,
        health: Health,
        *,
        on_event: OnEvent | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._workspace = workspace
        self._versions = versions
        self._health = health
        self._on_event = on_event
        self._clock = clock
        self._before = StatesBefore(workspace.settings.home)

    def check(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Preview the tenants at a version, and prove them together as they would be.

        A tenant whose former version could not be run again fails: there would be no way back.
        """
        done = {one.tenant: Done(outcome="failed", detail=why) for one in tenants if (why := self._no_way_back(one))}
        names = [one.tenant for one in tenants if one.tenant not in done]
        with tempfile.TemporaryDirectory(prefix="bulkhead-rollout-") as folder:
            files = {name: Path(folder) / f"{name}.jsonl" for name in names}
            results = self._versions.run(to, Operation.PREVIEW, names, events=files, on_event=self._on_event)
            done |= {each.ref.stack: _of(each) for each in results if each.outcome != "succeeded"}
            planned = {name: files[name].read_bytes() for name in names if name not in done}
        return done | self._proven(planned)

    def upgrade(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Bring the tenants up by a version."""
        for one in tenants:
            self._before.keep(one.tenant, to, self._export(one.tenant))
        return self._brought_up(to, [one.tenant for one in tenants])

    def verify(self, to: str, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Check that the tenants run a version and are well."""
        return self._settled({one.tenant: self._verified(one.tenant, to) for one in tenants})

    def roll_back(self, tenants: Sequence[Planned]) -> Mapping[str, Done]:
        """Bring the tenants up by their former versions, and check that they are well."""
        done: dict[str, Done] = {}
        for former in sorted({one.former for one in tenants}):
            names = [one.tenant for one in tenants if one.former == former]
            for name in names:
                self._lift_protection(name)
            done |= self._brought_up(former, names)
            done |= {name: self._verified(name, former) for name in names if done[name].outcome == "passed"}
        return self._settled(done)

    def _lift_protection(self, tenant: str) -> None:
        urns = self._before.protected_since(tenant, self._export(tenant))
        if urns:
            self._workspace.engine.unprotect(tenant_stack(tenant), urns)

    def _settled(self, done: Mapping[str, Done]) -> Mapping[str, Done]:
        """What was kept of tenants before their upgrade has no use once they are well."""
        for name, how in done.items():
            if how.outcome == "passed":
                self._before.forget(name)
        return done

    def _export(self, tenant: str) -> dict[str, Any]:
        return self._workspace.engine.export(tenant_stack(tenant))

    def _no_way_back(self, tenant: Planned) -> str:
        try:
            self._versions.require_runnable(tenant.former)
        except UserError as error:
            return f"it could not be rolled back to {tenant.former}: {error}"
        return ""

    def _brought_up(self, version: str, names: Sequence[str]) -> dict[str, Done]:
        try:
            results = self._versions.run(version, Operation.UP, names, on_event=self._on_event)
        finally:
            for name in names:
                record_run(self._workspace, name)
        return {each.ref.stack: _of(each) for each in results}

    def _verified(self, tenant: str, version: str) -> Done:
        runs = blueprint_version(self._export(tenant))
        if runs != version:
            return Done(outcome="failed", detail=f"it runs {runs or 'an unknown version'}, not {version}")
        try:
            found = self._health(self._workspace, tenant)
        except UserError as error:
            found = Done(outcome="unknown", detail=str(error))
        remember(self._workspace, tenant, self._clock(), health=found.outcome, why=found.detail)
        return found

    def _proven(self, planned: Mapping[str, bytes]) -> dict[str, Done]:
        """The proof of all together; where it does not hold, each alone says whose doing that is."""
        if not planned:
            return {}
        verdict = prove_planned(self._workspace, planned)
        wrong = {} if verdict is Verdict.PROVED else self._wrong_alone(planned)
        if verdict is Verdict.LEAK and not wrong:
            wrong = dict.fromkeys(planned, "together with the others of its wave it would not be isolated")
        done: dict[str, Done] = {}
        for name in planned:
            why = wrong.get(name, "")
            remember(self._workspace, name, self._clock(), proof=verdict if why else Verdict.PROVED, why=why)
            done[name] = Done(outcome="failed" if why else "passed", detail=why)
        return done

    def _wrong_alone(self, planned: Mapping[str, bytes]) -> dict[str, str]:
        """What is wrong with each tenant's change by itself; what waits for ids of AWS is judged when it is made."""
        judged = {name: judge_plan(self._workspace, name, events) for name, events in planned.items()}
        return {name: each.leak or each.unknown for name, each in judged.items() if each.leak or each.unknown}


def _of(result: StackResult) -> Done:
    if result.outcome == "succeeded":
        changed = {op: count for op, count in result.summary.items() if op != "same" and count}
        return Done(outcome="passed", detail=json.dumps(changed) if changed else "")
    return Done(outcome="failed", detail=str(result.error or "it was interrupted"))
