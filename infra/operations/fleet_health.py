"""Whether a tenant is well: what is deployed is proven, and smoke tests run with its own credentials.

Where no credentials of tenants are to be had, the proof of what is deployed stands alone.
"""

from __future__ import annotations

from infra.fleet import Done
from infra.operations.isolation_gate import judge_deployed
from infra.operations.smoke import try_tenant, why_not
from infra.operations.workspace import Workspace
from infra.spec import TenantSpec


def health(workspace: Workspace, tenant: str) -> Done:
    """Check a tenant; of one that is suspended, whom nobody reaches, only the proof is asked.

    Args:
        workspace: Where it is deployed.
        tenant: The tenant.

    Raises:
        UserError: Nobody can tell.
    """
    judged = judge_deployed(workspace, tenant)
    if judged.leak:
        return Done(outcome="failed", detail=f"it is not isolated: {judged.leak}")
    if judged.unknown:
        return Done(outcome="unknown", detail=f"nobody can tell whether it is isolated: {judged.unknown}")
    spec = workspace.estate.tenants[tenant]
    untried = why_not(workspace)
    if untried or spec.lifecycle.state == "suspended":
        return Done(outcome="passed", detail=untried)
    bad = [each for each in try_tenant(workspace, spec, neighbour_of(workspace, tenant)) if not each.good]
    if bad:
        return Done(outcome="failed", detail="; ".join(f"{each.what} of {each.owner}: {each.answer}" for each in bad))
    return Done(outcome="passed")


def neighbour_of(workspace: Workspace, tenant: str) -> TenantSpec | None:
    """Another tenant that is deployed, one that serves models first: it has most that can be tried."""
    deployed = {*workspace.deployed_tenants()} - {tenant}
    others = [spec for name, spec in workspace.estate.tenants.items() if name in deployed]
    return max(others, key=lambda spec: len(spec.served_models), default=None)
