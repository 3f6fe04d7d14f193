"""The step ``validate``: the spec is checked, alone and beside all others, and then written to its file.

A spec that is wrong never reaches the folder, where it would stop every other tenant's stack.
"""

from __future__ import annotations

from infra.blueprint import version_of_checkout
from infra.gitops import etag
from infra.gitops.patching import new_spec
from infra.jobs import JobStatus, tickets
from infra.jobs.processes.call import StepCall
from infra.operations.versions import Versions
from infra.provisioning import specs
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.stack_runs import upgraded_to, version_of
from infra.settings import ROOT
from infra.store.database import reading


def run(call: StepCall) -> Result:
    """The step, for a worker.

    Raises:
        StepFailed: the spec is wrong (user; the message has every problem), or somebody changed it (conflict).
    """
    return run_step(validate, call)


def validate(work: Work, call: StepCall) -> Result:
    """Check and write what the operation leaves; an operation that leaves the spec as it is checks that."""
    content = specs.wanted(call)
    if content is None:
        there = work.specs.read(call.tenant).content
        specs.check_beside_all(work, call.tenant, there)
        return {"written": False, **_versions(work, call)}
    specs.require_own_id(call.tenant, content)
    specs.check_beside_all(work, call.tenant, content)
    before = specs.expected(call) or _left_by_a_failed_onboarding(work, call, content)
    written = specs.write(work, call, content, before)
    return {"written": written, "spec": specs.as_data(call.tenant, content)}


def _versions(work: Work, call: StepCall) -> Result:
    """Of an upgrade: the version that the tenant has, by which it is put back; the one asked for must exist."""
    to = upgraded_to(call)
    if to is None:
        return {}
    if to != version_of_checkout(ROOT):
        with Versions(work.workspace) as versions:
            versions.code(to)
    return {"former": version_of(work.workspace, call.tenant)}


def _left_by_a_failed_onboarding(work: Work, call: StepCall, content: bytes) -> str | None:
    """The ETag of the file that an earlier onboarding of the tenant has written and left; None where there is none.

    A file that somebody wrote by hand is theirs.
    """
    there = specs.current(work, call.tenant)
    if there in (None, content) or "spec" not in call.arguments:
        return None
    with reading(work.store) as connection:
        earlier = [each.request for each in tickets.listed(connection, JobStatus.FAILED, JobStatus.CANCELLED)]
    asked = [each.arguments["spec"] for each in earlier if each.tenant == call.tenant and "spec" in each.arguments]
    return etag(there) if any(new_spec(spec) == there for spec in asked) else None
