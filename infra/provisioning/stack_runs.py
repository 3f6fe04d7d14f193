"""A tenant's stack brought to what its spec says: with or without its models, with progress, and remembered after."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra.blueprint import version_of_checkout
from infra.engine import Operation, StackEvent, StackResult
from infra.engine.recovery.revive import waiting_for_deletion
from infra.errors import UserError
from infra.fleet import blueprint_version
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import access, fleet_memory, preflight, run
from infra.operations.exports import export_of
from infra.operations.in_the_making import being_made
from infra.operations.move_state import planned_ids
from infra.operations.projects import tenant_stack
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace
from infra.provisioning.context import Result, Work
from infra.settings import ROOT

_ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


@dataclass(frozen=True, kw_only=True)
class Models:
    """Whether a run serves a tenant's models.

    Args:
        served: Whether it does.
        note: Why not, for people; empty where it does.
    """

    served: bool
    note: str = ""

    @property
    def config(self) -> dict[str, str]:
        """The stack's configuration for it."""
        return {} if self.served else {run.MODELS_CONFIG: "false"}


def models_of(workspace: Workspace, tenant: str) -> Models:
    """Whether a tenant's models can be served: their artifacts are in its bucket.

    A tenant that serves models already keeps its endpoints, so that a missing artifact is refused there.

    Raises:
        UserError: an artifact is missing of a tenant that serves models.
    """
    spec = workspace.estate.tenants[tenant]
    s3 = workspace.cloud.client("s3", workspace.cloud.provisioning_session())
    try:
        preflight.require_artifacts(workspace.estate.platform, [spec], s3)
    except UserError:
        if _serves(workspace, tenant):
            raise
        buckets = "upload the models that its spec names to its models bucket, then ask for an update"
        return Models(served=False, note=f"its models are not served yet: {buckets}")
    return Models(served=True)


def bring_up(work: Work, call: StepCall, *, version: str | None = None) -> Result:
    """Bring the tenant's stack to what its spec says; what it made already is found again.

    The stack runs by the code that it was made with, so that no update upgrades in silence.

    Args:
        work: Where the tenant is.
        call: Whose step it is; it is told of progress.
        version: The version of the blueprint to run it by; None: the one that it has.

    Returns:
        The number of resources by what was done, and notes for people.

    Raises:
        EngineError: the run failed.
        StepFailed: it was interrupted (transient).
        botocore.exceptions.ClientError: the boundary could not be made what the spec says.
    """
    workspace = work.workspace
    spec = workspace.estate.tenants[call.tenant]
    models = models_of(workspace, call.tenant)
    _revive(workspace, call.tenant, models, version)
    try:
        with being_made(workspace, call.tenant):
            result = run_stack(
                workspace, call.tenant, Operation.UP, models=models, version=version, on_event=progress_of(call)
            )
    finally:
        fleet_memory.record_run(workspace, call.tenant)
    if result.error is not None:
        raise result.error
    if result.outcome != "succeeded":
        raise StepFailed(FailureClass.TRANSIENT, "the run was interrupted", "nothing: it is tried again")
    # Access that was closed past the engine is in no state of it, so that it sees nothing to change there.
    access.agree(work.cloud, work.platform, spec)
    return {"changes": dict(result.summary), "models": models.served, "notes": [models.note] if models.note else []}


def run_stack(
    workspace: Workspace,
    tenant: str,
    operation: Operation,
    *,
    models: Models,
    version: str | None = None,
    on_event: Callable[[StackEvent], None] | None = None,
    events: Path | None = None,
) -> StackResult:
    """Preview a tenant's stack or bring it up, by the code of a version.

    Args:
        workspace: The specs, the cloud and the engine.
        tenant: The tenant.
        operation: ``PREVIEW`` or ``UP``.
        models: Whether its models are served.
        version: As in `bring_up`.
        on_event: Is told of progress.
        events: The file that gets the engine's events.

    Raises:
        UserError: there is no such version.
    """
    wanted = version or version_of(workspace, tenant)
    if wanted is None or wanted == version_of_checkout(ROOT):
        return workspace.engine.run(
            tenant_stack(tenant), operation, config=models.config, on_event=on_event, events=events
        )
    with Versions(workspace) as versions:
        files = {} if events is None else {tenant: events}
        return versions.run(wanted, operation, [tenant], events=files, on_event=on_event)[0]


def _revive(workspace: Workspace, tenant: str, models: Models, version: str | None) -> None:
    """Take back what a failed update had begun to replace where it is wanted again: its name is still in use."""
    ref = tenant_stack(tenant)
    export = export_of(workspace, ref)
    if export is None or not waiting_for_deletion(json.loads(export)):
        return
    workspace.engine.recover(ref)
    with tempfile.TemporaryDirectory(prefix="bulkhead-preview-") as temporary:
        events = Path(temporary) / "events.jsonl"
        result = run_stack(workspace, tenant, Operation.PREVIEW, models=models, version=version, events=events)
        if result.error is not None:
            raise result.error
        workspace.engine.revive(ref, planned_ids(events.read_bytes()))


def upgraded_to(call: StepCall) -> str | None:
    """The version that an upgrade asks for; None for any other operation."""
    version = call.arguments.get("to")
    return version if isinstance(version, str) else None


def version_of(workspace: Workspace, tenant: str) -> str | None:
    """The version that a tenant runs; None where it is not deployed, or its state does not say so."""
    export = export_of(workspace, tenant_stack(tenant))
    return None if export is None else blueprint_version(json.loads(export))


def _serves(workspace: Workspace, tenant: str) -> bool:
    export = export_of(workspace, tenant_stack(tenant))
    resources = () if export is None else json.loads(export)["deployment"].get("resources") or ()
    return any(each["type"] == _ENDPOINT for each in resources)


def progress_of(call: StepCall) -> Callable[[StackEvent], None]:
    """Tells of each percent once: a step's progress is a write in the database."""
    planned = int(call.results.get("preflight", {}).get("resources", 0))
    told = -1

    def on_event(event: StackEvent) -> None:
        nonlocal told
        total = max(event.total or planned, event.done)
        percent = 100 * event.done // total if total else 0
        if event.kind == "resource" and percent != told:
            told = percent
            call.progress(event.done, total)

    return on_event
