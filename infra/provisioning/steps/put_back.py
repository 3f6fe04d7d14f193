"""The step ``put back``: what a change that failed or was cancelled has done is undone, and the tenant is as before.

The spec's former content is written only where the file still holds what the change wrote: an edit that somebody made
since is theirs, and is not applied by this. Access that was closed past the engine is opened again.
"""

from __future__ import annotations

from infra.gitops import etag
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import access
from infra.operations.projects import tenant_stack
from infra.provisioning import moving, specs
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.placing import written_for
from infra.provisioning.stack_runs import bring_up, upgraded_to


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the spec is another by now (conflict), or as the step ``apply``.
    """
    return run_step(put_back, call)


def put_back(work: Work, call: StepCall) -> Result:
    """Write the former spec and apply it; an onboarding that has made nothing leaves no spec."""
    if "spec" in call.arguments:
        return _withdraw(work, call)
    former, content = specs.former(call), specs.wanted(call)
    if former is not None and content is not None:
        there = specs.current(work, call.tenant)
        if there not in (former, content):
            raise StepFailed(
                FailureClass.CONFLICT,
                f"the spec of {call.tenant} was edited while it was being changed, and is not put back over the edit",
                "see that the edit is what is wanted, then ask for an update, which applies it",
            )
        specs.write(work, call, former, etag(content))
        gone_to = moving.spec_of(work, call.tenant, content)
        if gone_to.tier != work.tenant(call.tenant).tier:
            return moving.put_back(work, call, gone_to)
    open_or_close(work, call.tenant)
    return bring_up(work, call, version=_former_version(call))


def _former_version(call: StepCall) -> str | None:
    """The version that an upgrade has left; None for any other change."""
    if upgraded_to(call) is None:
        return None
    known = call.results.get("validate", {}).get("former") or call.arguments.get("former")
    return known if isinstance(known, str) else None


def open_or_close(work: Work, tenant: str) -> None:
    """Make the tenant's access what its spec says, in seconds, before the engine comes to it."""
    access.agree(work.cloud, work.platform, work.tenant(tenant))


def _withdraw(work: Work, call: StepCall) -> Result:
    content = written_for(work, call)
    if content is None or work.workspace.engine.exists(tenant_stack(call.tenant)):
        return {"written": False}
    return {"written": specs.remove(work, call, content)}
