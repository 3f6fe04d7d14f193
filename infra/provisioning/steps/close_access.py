"""The step ``close access``: nobody acts for the tenant any more, seconds after it was asked; its data stays.

The tenant's boundary is made to deny everything at once, long before the engine would come to it, and the spec says so,
so that the engine's next update agrees. A neighbour's broken spec is no reason to leave access open: only this tenant's
is read.
"""

from __future__ import annotations

from infra.gitops import etag
from infra.jobs.processes.call import StepCall
from infra.operations import access
from infra.operations.erasing import named
from infra.provisioning import specs
from infra.provisioning.context import Result, Work, run_step


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the spec was changed meanwhile (conflict), or AWS refused.
    """
    return run_step(close_access, call)


def close_access(work: Work, call: StepCall) -> Result:
    """Write the suspended spec and close access; an operation without a spec of its own suspends what is there."""
    content = specs.wanted(call)
    if content is None and specs.current(work, call.tenant) is None:
        return {"written": False, "closed": _close_unwritten(work, call.tenant)}
    if content is None:
        before = work.specs.read(call.tenant).etag
        content = specs.suspended(work, call.tenant)
    else:
        before = specs.expected(call)
    specs.require_own_id(call.tenant, content)
    specs.check_alone(work, call.tenant, content)
    written = specs.write(work, call, content, before)
    closed = access.agree(work.cloud, work.platform, work.tenant(call.tenant))
    return {"written": written, "closed": closed, "etag": etag(content), "spec": specs.as_data(call.tenant, content)}


def _close_unwritten(work: Work, tenant: str) -> bool:
    """Close the access of a tenant without a spec: its onboarding was refused, or somebody has removed the file."""
    unwritten = named(tenant)
    suspended = unwritten.lifecycle.model_copy(update={"state": "suspended"})
    return access.agree(work.cloud, work.platform, unwritten.model_copy(update={"lifecycle": suspended}))
