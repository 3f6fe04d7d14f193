"""The step ``verify``: the deployed state is proven, and smoke tests run with the tenant's own credentials.

Before this step nobody is told that the tenant may be used. A leak that is found here closes the tenant's access at
once, before the step fails. On AWS a role's credentials are in its workloads' hands only: where the platform's spec
does not let the workers verify tenants, the proof of what is deployed stands alone, and the result says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.lifecycle.states import State
from infra.operations import access, fleet_memory
from infra.operations.isolation_gate import judge_deployed
from infra.operations.smoke import Tried, try_tenant, why_not
from infra.operations.workspace import Workspace
from infra.proof.report import Verdict
from infra.provisioning.context import Result, Work, run_step
from infra.spec import TenantSpec
from infra.store import tenants
from infra.store.database import reading
from infra.store.tenants import UnknownTenant

#: The states in which a tenant has all that its spec says.
_WHOLE = frozenset({State.ACTIVE, State.SUSPENDED})


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the tenant is not isolated (internal; its access is closed), or something of its own does not work
            (transient, tried again).
    """
    return run_step(verify, call)


def verify(work: Work, call: StepCall) -> Result:
    """Prove what is deployed, then try it."""
    workspace = work.workspace
    tenant = workspace.estate.tenants[call.tenant]
    judged = judge_deployed(workspace, call.tenant)
    verdict = Verdict.LEAK if judged.leak else Verdict.UNKNOWN if judged.unknown else Verdict.PROVED
    _remember(workspace, call.tenant, proof=verdict, why=judged.leak or judged.unknown)
    if judged.leak:
        _close(work, tenant)
        raise _not_isolated(judged.leak)
    if judged.unknown:
        raise StepFailed(
            FailureClass.INTERNAL,
            f"nobody can tell whether {call.tenant} is isolated: {judged.unknown}",
            "an operator must look: bulkhead prove shows what is not known",
        )
    notes = list(judged.notes)
    if untried := why_not(workspace):
        return {"tried": [], "notes": [*notes, untried]}
    tried = list(try_tenant(workspace, tenant, _neighbour(work, tenant)))
    good = all(each.good for each in tried)
    _remember(workspace, call.tenant, health="passed" if good else "failed", why=_answers(tried))
    _require_good(work, tenant, tried)
    return {"tried": [f"{each.what} of {each.owner}" for each in tried], "notes": notes}


def _remember(workspace: Workspace, tenant: str, *, proof: str = "", health: str = "", why: str = "") -> None:
    fleet_memory.remember(workspace, tenant, datetime.now(UTC), proof=proof, health=health, why=why)


def _require_good(work: Work, tenant: TenantSpec, tried: Sequence[Tried]) -> None:
    if all(each.good for each in tried):
        return
    holes = [each for each in tried if not each.good and each.owner != tenant.id and not each.transient]
    if holes:
        _close(work, tenant)
        raise _not_isolated(_answers(holes))
    remedy = "it is tried again; if it stays so, an operator must look"
    raise StepFailed(FailureClass.TRANSIENT, _answers(tried), remedy)


def _answers(tried: Iterable[Tried]) -> str:
    """What did not end as it must."""
    return "; ".join(f"{each.what} of {each.owner}: {each.answer}" for each in tried if not each.good)


def _not_isolated(witness: str) -> StepFailed:
    return StepFailed(
        FailureClass.INTERNAL,
        f"tenants are not isolated: {witness}; the tenant's access was closed",
        "an operator must look: mend the policy that the message names, then ask for an update, which opens access",
    )


def _close(work: Work, tenant: TenantSpec) -> None:
    """Close the tenant's access, without a change of its spec: its next update opens it."""
    lifecycle = tenant.lifecycle.model_copy(update={"state": "suspended"})
    access.agree(work.cloud, work.platform, tenant.model_copy(update={"lifecycle": lifecycle}))


def _neighbour(work: Work, tenant: TenantSpec) -> TenantSpec | None:
    """Another tenant that is whole, one that serves models first: it has most that can be tried.

    One that is being made or erased lacks what would be tried, and that would be no denial.
    """
    workspace = work.workspace
    deployed = {*workspace.deployed_tenants()} - {tenant.id}
    others = [spec for name, spec in workspace.estate.tenants.items() if name in deployed]
    others.sort(key=lambda spec: len(spec.served_models), reverse=True)
    with reading(work.store) as connection:
        return next((spec for spec in others if _is_whole(connection, spec.id)), None)


def _is_whole(connection: Connection, tenant: str) -> bool:
    """Whether no operation is at work on a tenant; the command line's own are not known to the service, and are."""
    try:
        return tenants.get(connection, tenant).condition.state in _WHOLE
    except UnknownTenant:
        return True
