"""The step ``preflight``: quota, capacity, residency and proof allow the change, before the first resource is made.

The stack is previewed once. What the preview wants more is counted against the account's quotas and the cells' room,
and the state that it would leave is proven together with all other stacks.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from infra.engine import Operation, StackResult
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import capacity, fleet_memory
from infra.operations.exports import export_of
from infra.operations.isolation_gate import judge_plan
from infra.operations.moves import move_config
from infra.operations.preflight import require_platform
from infra.operations.projects import tenant_stack
from infra.operations.pull_request import StackState
from infra.operations.workspace import Workspace
from infra.provisioning import moving, specs
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.quota_failures import refuse
from infra.provisioning.stack_runs import Models, models_of, run_stack, upgraded_to
from infra.spec import TenantSpec
from infra.spec.move import Stage

#: The kinds of what somebody did past the service that the stack's content shows.
_CHANGED = frozenset({"changed", "gone", "unexpected"})


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: with the class of whoever must act: quota, capacity, user (a leak, residency, a run by hand) ...
    """
    return run_step(preflight, call)


def preflight(work: Work, call: StepCall) -> Result:
    """Judge the change; a resume, which has no step ``validate``, writes its spec first."""
    written = _write(work, call)
    workspace = work.workspace
    require_platform(workspace.platform_deployed())
    _require_residency(work, call.tenant)
    notes = _seen_by_hand(workspace, call)
    models = models_of(workspace, call.tenant)
    with tempfile.TemporaryDirectory(prefix="bulkhead-preview-") as temporary:
        file = Path(temporary) / "events.jsonl"
        result = _previewed(work, call, models, file)
        if result.error is not None:
            raise result.error
        events = file.read_bytes()
    export = export_of(workspace, tenant_stack(call.tenant))
    state = StackState(ref=tenant_stack(call.tenant), export=export, events=events)
    notes += _require_quota(workspace, state)
    judged = judge_plan(workspace, call.tenant, events)
    if judged.leak or judged.unknown:
        what = f"tenants would not be isolated: {judged.leak}" if judged.leak else f"nobody can tell: {judged.unknown}"
        raise StepFailed(FailureClass.USER, what, "change the spec, or the policy that the message names")
    notes += judged.notes
    if models.note:
        notes.append(models.note)
    return {**written, "resources": sum(result.summary.values()), "open": judged.open, "notes": notes}


def _require_quota(workspace: Workspace, state: StackState) -> list[str]:
    """Refuse what does not fit; returns what could not be judged. What wants no more is not counted at all.

    Raises:
        StepFailed: it does not fit.
    """
    if not capacity.wants_more(capacity.wanted(state.ref, state.deployed, state.events)):
        return []
    reckoned = capacity.basis(workspace)
    checked = capacity.check_plan(reckoned, state.ref, deployed=state.deployed, events=state.events)
    refuse(checked, reckoned.spec)
    return [f"{each.name} is not known: {each.why}" for each in checked.not_known]


def _previewed(work: Work, call: StepCall, models: Models, events: Path) -> StackResult:
    """The preview; of a move its peak, when the tenant has both networks."""
    left = _left(work, call)
    if left is None:
        version = upgraded_to(call)
        return run_stack(work.workspace, call.tenant, Operation.PREVIEW, models=models, version=version, events=events)
    config = move_config(Stage.BUILD, left, models=models.served)
    ref = tenant_stack(call.tenant)
    return work.workspace.engine.run(ref, Operation.PREVIEW, config=config, events=events)


def _left(work: Work, call: StepCall) -> TenantSpec | None:
    """The spec that a tenant leaves which moves to another tier; None: it stays."""
    if specs.former(call) is None:
        return None
    left = moving.left_by(work, call)
    return left if left.tier != work.tenant(call.tenant).tier else None


def _write(work: Work, call: StepCall) -> Result:
    content = specs.wanted(call)
    if content is None:
        return {}
    if specs.current(work, call.tenant) != content:
        specs.require_own_id(call.tenant, content)
        specs.check_beside_all(work, call.tenant, content)
        specs.write(work, call, content, specs.expected(call))
    return {"spec": specs.as_data(call.tenant, content)}


def _require_residency(work: Work, tenant: str) -> None:
    """Refuse a tenant that is to be where its data must not be: the cloud's Region counts, whatever a file says."""
    spec, region = work.workspace.estate.tenants[tenant], work.cloud.region
    if region not in spec.data_residency:
        raise StepFailed(
            FailureClass.USER,
            f"the data of {tenant} may be in {', '.join(spec.data_residency)}, and its platform is in {region}",
            f"deploy it from a platform in {spec.data_residency[0]}, or add {region} to data_residency",
        )


def _seen_by_hand(workspace: Workspace, call: StepCall) -> list[str]:
    """Show once what somebody changed in the stack past the service; whoever asks again has seen it.

    Raises:
        StepFailed: the stack was changed; nothing is done to it.
    """
    found = fleet_memory.run_by_hand(workspace, call.tenant)
    if found is None:
        return []
    if found.kind in _CHANGED:
        fleet_memory.record_run(workspace, call.tenant)
        raise StepFailed(
            FailureClass.USER,
            f"the stack of {call.tenant} is not as the service left it: {found.note}",
            f"see what differs: bulkhead preview {call.tenant}; then ask for the operation again, which goes on from "
            "the stack as it is now",
        )
    return [found.note]
