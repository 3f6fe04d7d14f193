"""A tenant's stack brought to what its spec says: with or without its models, with progress, and remembered after."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from infra.engine import Operation, StackEvent, StackResult
from infra.engine.errors import EngineError
from infra.errors import UserError
from infra.fleet import blueprint_version
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import access, fleet_memory, preflight, run
from infra.operations.exports import exports
from infra.operations.projects import tenant_stack
from infra.operations.versions import apply_version
from infra.operations.workspace import Workspace
from infra.provisioning.context import Result, Work

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
    result = _run(workspace, call, models, version or _version(workspace, call.tenant))
    if result.error is not None:
        raise result.error
    if result.outcome != "succeeded":
        raise StepFailed(FailureClass.TRANSIENT, "the run was interrupted", "nothing: it is tried again")
    # Access that was closed past the engine is in no state of it, so that it sees nothing to change there.
    access.agree(work.cloud, work.platform, spec)
    return {"changes": dict(result.summary), "models": models.served, "notes": [models.note] if models.note else []}


def _run(workspace: Workspace, call: StepCall, models: Models, version: str | None) -> StackResult:
    on_event = _progress(call)
    try:
        if version is not None:
            return apply_version(workspace, call.tenant, version, on_event, models=models.served)
        return workspace.engine.run(
            tenant_stack(call.tenant), Operation.UP, config=models.config, on_event=on_event
        )
    finally:
        fleet_memory.record_run(workspace, call.tenant)


def deployed_export(workspace: Workspace, tenant: str) -> bytes | None:
    """What ``pulumi stack export`` prints of a tenant's stack; None where it is not deployed."""
    name = str(tenant_stack(tenant))
    return next((each.content for each in exports(workspace.settings) if str(each.ref) == name), None)


def _version(workspace: Workspace, tenant: str) -> str | None:
    """The version that a tenant runs; None where it is not deployed, or its state does not say so."""
    export = deployed_export(workspace, tenant)
    return None if export is None else blueprint_version(json.loads(export))


def _serves(workspace: Workspace, tenant: str) -> bool:
    export = deployed_export(workspace, tenant)
    resources = () if export is None else json.loads(export)["deployment"].get("resources") or ()
    return any(each["type"] == _ENDPOINT for each in resources)


def _progress(call: StepCall) -> Callable[[StackEvent], None]:
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
