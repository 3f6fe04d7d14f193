"""The step ``validate``: the spec is checked, alone and beside all others, and then written to its file.

One that leaves its place out gets one first, for which a cell may have to be opened. A spec that is wrong never reaches
the folder, where it would stop every other tenant's stack.
"""

from __future__ import annotations

from infra.blueprint import version_of_checkout
from infra.jobs.processes.call import StepCall
from infra.operations.versions import Versions
from infra.placement import wants_place
from infra.provisioning import specs
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.placing import left_by_a_failed_onboarding, require_open, write_placed
from infra.provisioning.stack_runs import upgraded_to, version_of
from infra.settings import ROOT


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
    spec = specs.as_data(call.tenant, content)
    if "spec" in call.arguments and wants_place(spec):
        return write_placed(work, call, spec)
    cell = require_open(work, call, spec)
    before = specs.expected(call) or left_by_a_failed_onboarding(work, call, content)
    return {"written": specs.write_checked(work, call, content, before), "spec": spec, **cell}


def _versions(work: Work, call: StepCall) -> Result:
    """Of an upgrade: the version that the tenant has, by which it is put back; the one asked for must exist."""
    to = upgraded_to(call)
    if to is None:
        return {}
    if to != version_of_checkout(ROOT):
        with Versions(work.workspace) as versions:
            versions.code(to)
    return {"former": version_of(work.workspace, call.tenant)}
