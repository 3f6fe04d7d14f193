"""Looks for drift, tells each once, and puts it back where the policy says so.

The engine reads every resource of a tenant (``pulumi refresh --preview-only``) and compares it with what was deployed,
which changes nothing. What no stack has is found by `bulkhead audit`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from infra.engine import Operation, StackResult
from infra.engine.errors import StackBusy
from infra.errors import UserError
from infra.fleet import blueprint_version
from infra.operations.drift_model import Drift, drifted, told_once
from infra.operations.fleet_memory import memory, record_run, run_by_hand
from infra.operations.projects import tenant_stack
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace

#: Puts a tenant back whose state already says how the cloud is; returns why that failed, or nothing.
Repair = Callable[[str], str]


def detect_drift(
    workspace: Workspace,
    tenants: Sequence[str] | None = None,
    *,
    repair: Repair | None = None,
    said: Callable[[str], None] = lambda _: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Drift]:
    """Look at tenants' clouds; what is ``new`` among the answers is to be told, and is not new the next time.

    A tenant that is being worked on is left out: what it will be is not known yet.

    Args:
        workspace: The cloud and the engine.
        tenants: The tenants; None: every one that has a stack.
        repair: Puts a tenant back, for the policy ``restore``; by default its stack is brought up by the version that
            it runs.
        said: Is told how far it is.
        clock: Tells the time.

    Raises:
        UserError: The engine or the cloud cannot be had at all.
    """
    wanted = workspace.deployed_tenants() if tenants is None else list(tenants)
    if not wanted:
        return []
    stacks = [tenant_stack(tenant) for tenant in wanted]
    with tempfile.TemporaryDirectory(prefix="bulkhead-drift-") as folder:
        files = {stack: Path(folder) / f"{stack.stack}.jsonl" for stack in stacks}
        said(f"reading what {len(stacks)} tenants have in the cloud")
        results = workspace.engine.run_many(stacks, Operation.DRIFT, parallel=workspace.settings.parallel, events=files)
        looks = [
            _look(result, files[result.ref], clock()) for result in results if not isinstance(result.error, StackBusy)
        ]
    found: list[Drift] = []
    for look in looks:
        told = told_once(memory(workspace).read(look.tenant).drift, look)
        if told.state == "drifted" and workspace.estate.platform.fleet.drift == "restore":
            said(f"putting {told.tenant} back")
            told = _restored(workspace, told, repair)
        memory(workspace).change(told.tenant, lambda before, kept=told: msgspec.structs.replace(before, drift=kept))
        found.append(told)
    return found


def _look(result: StackResult, events: Path, now: datetime) -> Drift:
    tenant, at = result.ref.stack, now.isoformat(timespec="seconds")
    if result.outcome != "succeeded":
        return Drift(tenant=tenant, at=at, state="unknown", why=str(result.error or "it was interrupted"))
    resources, digest = drifted(events.read_bytes())
    return Drift(tenant=tenant, at=at, state="drifted" if resources else "none", resources=resources, digest=digest)


def _restored(workspace: Workspace, drift: Drift, repair: Repair | None) -> Drift:
    """Put a tenant back; one that was changed past us, or whose spec waits to be applied, is only told."""
    tenant = drift.tenant
    by_hand = run_by_hand(workspace, tenant)
    if by_hand is not None and by_hand.kind != "written":
        return msgspec.structs.replace(drift, why=f"not put back: {by_hand.note}")
    try:
        with Versions(workspace) as versions:
            version = blueprint_version(workspace.engine.export(tenant_stack(tenant)))
            if version is None:
                return msgspec.structs.replace(drift, why="not put back: nobody can tell which version it runs")
            planned = versions.run(version, Operation.PREVIEW, [tenant])[0]
            if planned.outcome != "succeeded" or planned.changed:
                why = str(planned.error or "its spec was changed and not applied: apply it first")
                return msgspec.structs.replace(drift, why=f"not put back: {why}")
            failed = _refreshed(workspace, tenant) or (
                repair(tenant) if repair else _brought_up(workspace, versions, version, tenant)
            )
    except UserError as error:
        failed = str(error)
    return msgspec.structs.replace(drift, repaired=not failed, why=f"not put back: {failed}" if failed else "")


def _refreshed(workspace: Workspace, tenant: str) -> str:
    """Have the state say how the cloud is, so that the next run puts back what the program asks for."""
    done = workspace.engine.run(tenant_stack(tenant), Operation.REFRESH)
    record_run(workspace, tenant)
    return "" if done.outcome == "succeeded" else str(done.error or "it was interrupted")


def _brought_up(workspace: Workspace, versions: Versions, version: str, tenant: str) -> str:
    done = versions.run(version, Operation.UP, [tenant])[0]
    record_run(workspace, tenant)
    return "" if done.outcome == "succeeded" else str(done.error or "it was interrupted")
