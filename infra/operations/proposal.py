"""What a proposed spec of one tenant would do: its stack previewed, and all stacks proven as they would be.

The proposal is not written: the preview is made from a copy of the specs in a temporary folder.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.engine import Operation
from infra.errors import UserError
from infra.operations.exports import exports
from infra.operations.planned_proof import proven
from infra.operations.preflight import lacks_artifacts, require_platform
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.proposed_place import with_place
from infra.operations.pull_request import NO_MODELS, StackState
from infra.operations.run import MODELS_CONFIG
from infra.operations.workspace import Workspace
from infra.proof.facts import Unreadable
from infra.review.cost import compared
from infra.review.model import Isolation, ResourceDiff
from infra.review.plan import planned_changes
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What a proposed spec would do.

    Args:
        outcome: How the preview ended.
        error: Why it failed.
        resources: What would be changed.
        unchanged: How many resources stay as they are.
        before_usd: The fixed costs as deployed, in US dollars a month.
        after_usd: Likewise, after the change.
        isolation: The proof of all stacks as they would be; None where there is none.
        isolation_error: Why there is none.
        warnings: What the engine warned of, and what is left out.
    """

    outcome: str
    error: str = ""
    resources: tuple[ResourceDiff, ...] = ()
    unchanged: int = 0
    before_usd: float = 0.0
    after_usd: float = 0.0
    isolation: Isolation | None = None
    isolation_error: str = ""
    warnings: tuple[str, ...] = ()


def preview_proposal(settings: Settings, tenant: str, content: bytes | None) -> Proposal:
    """Preview a tenant's stack by a proposed spec; nothing is changed.

    Args:
        settings: Where the specs and the stacks are.
        tenant: Whose spec it is.
        content: The proposed file; None: the file as it is.

    Raises:
        SpecErrors: All that is wrong with the specs as they would be.
        UserError: The platform is not deployed, there is no such tenant, or a cell is to be opened for it first.
    """
    if content is None:
        with Workspace(settings) as workspace:
            return _previewed(workspace, tenant)
    proposed = with_place(settings, tenant, content)
    if proposed.opens:
        raise UserError(
            f"{tenant} would be in the cell {proposed.opens}, which is opened for it: before that there is no preview",
            "see what opening it does: move it to cells in the platform's spec, then bulkhead preview platform",
        )
    with tempfile.TemporaryDirectory(prefix="bulkhead-proposal-") as temporary:
        folder = Path(temporary)
        proposed_specs(settings.specs, folder, tenant, proposed.content)
        with Workspace(settings.model_copy(update={"specs": folder})) as workspace:
            return _previewed(workspace, tenant)


def proposed_specs(specs: Path, folder: Path, tenant: str, content: bytes) -> None:
    """Copy the specs, with a proposed one in its place.

    Args:
        specs: The folder of the specs.
        folder: The folder of the copy.
        tenant: Whose spec is proposed.
        content: The proposed file.
    """
    for file in specs.glob("*.yaml"):
        shutil.copyfile(file, folder / file.name)
    (folder / f"{tenant}.yaml").write_bytes(content)


def _previewed(workspace: Workspace, tenant: str) -> Proposal:
    if tenant not in workspace.estate.tenants:
        raise UserError(f"there is no spec of {tenant}", "propose a whole spec", where=f"{tenant}.yaml")
    require_platform(workspace.platform_deployed())
    ref, config, notes = tenant_stack(tenant), {}, ()
    there = {one.ref: one.content for one in exports(workspace.settings)}
    if ref not in there and lacks_artifacts(workspace, tenant):
        config, notes = {MODELS_CONFIG: "false"}, (NO_MODELS,)
    with tempfile.TemporaryDirectory(prefix="bulkhead-events-") as temporary:
        file = Path(temporary) / "preview.jsonl"
        result = workspace.engine.run(ref, Operation.PREVIEW, config=config, events=file)
        events = file.read_bytes() if file.exists() else b""
    resources, unchanged = planned_changes(events)
    if result.outcome != "succeeded":
        return Proposal(
            outcome=result.outcome,
            error=str(result.error or "it was interrupted"),
            resources=resources,
            unchanged=unchanged,
        )
    names = sorted({*there, ref}, key=lambda one: (one != PLATFORM_STACK, str(one)))
    states = [(one, there.get(one), events if one == ref else None) for one in names]
    state = StackState(ref=ref, export=there.get(ref), events=events)
    costs = compared(state.deployed, state.planned, region=workspace.estate.platform.region)
    isolation, why_not = None, ""
    try:
        cache = workspace.settings.home / "proof-cache"
        isolation = proven(states, before=None, after=workspace.estate, cache=cache)
    except Unreadable as error:
        why_not = str(error)
    warnings = dict.fromkeys(one.message for one in result.diagnostics if one.severity == "warning")
    return Proposal(
        outcome=result.outcome,
        resources=resources,
        unchanged=unchanged,
        before_usd=costs.before,
        after_usd=costs.after,
        isolation=isolation,
        isolation_error=why_not,
        warnings=(*warnings, *notes),
    )
