"""What is deployed against what the specs say: one row a stack."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, cast

from infra.engine import StackRef
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace

State = Literal["not deployed", "deployed", "unfinished", "suspended", "spec missing"]


@dataclass(frozen=True, kw_only=True)
class StackStatus:
    """One stack.

    Args:
        stack: Its name.
        tier: The tenant's tier; None for the platform and where the spec is missing.
        state: How it stands.
        resources: How many cloud resources are in its state.
        last_update: When its state was last written, ISO 8601; None if never.
        note: What to do about it, if anything.
    """

    stack: str
    tier: str | None
    state: State
    resources: int
    last_update: str | None
    note: str = ""


def estate_status(workspace: Workspace) -> list[StackStatus]:
    """The platform, every tenant that has a spec, and every stack without one."""
    deployed = set(workspace.deployed_tenants())
    tenants = sorted({*workspace.estate.tenants, *deployed})
    stacks = [PLATFORM_STACK, *map(tenant_stack, tenants)]
    there = {*map(tenant_stack, deployed), *([PLATFORM_STACK] if workspace.platform_deployed() else [])}
    with ThreadPoolExecutor(workspace.settings.parallel) as pool:
        rows = [pool.submit(_status, workspace, stack, exists=stack in there) for stack in stacks]
        return [row.result() for row in rows]


def _status(workspace: Workspace, stack: StackRef, *, exists: bool) -> StackStatus:
    spec = workspace.estate.tenants.get(stack.stack)
    tier = spec.tier if spec else None
    if not exists:
        return StackStatus(
            stack=stack.stack,
            tier=tier,
            state="not deployed",
            resources=0,
            last_update=None,
            note=f"bulkhead up {stack.stack}",
        )
    deployment = workspace.engine.export(stack)["deployment"]
    resources = cast("list[dict[str, Any]]", deployment.get("resources") or [])
    state: State = "deployed"
    note = ""
    if deployment.get("pending_operations"):
        state, note = "unfinished", f"a run was cut off; bulkhead up {stack.stack} recovers"
    elif stack != PLATFORM_STACK and spec is None:
        state, note = "spec missing", f"restore the spec, or bulkhead destroy {stack.stack}"
    elif spec is not None and spec.lifecycle.state == "suspended":
        state = "suspended"
    return StackStatus(
        stack=stack.stack,
        tier=tier,
        state=state,
        resources=sum(1 for resource in resources if resource["type"].startswith("aws:")),
        last_update=deployment.get("manifest", {}).get("time"),
        note=note,
    )
