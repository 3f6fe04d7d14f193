"""The step ``validate``: the spec is checked, alone and beside all others, and then written to its file.

A spec that is wrong never reaches the folder, where it would stop every other tenant's stack.
"""

from __future__ import annotations

from infra.jobs.processes.call import StepCall
from infra.provisioning import specs
from infra.provisioning.context import Result, Work, run_step


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
        return {"written": False}
    specs.require_own_id(call.tenant, content)
    specs.check_beside_all(work, call.tenant, content)
    written = specs.write(work, call, content, specs.expected(call))
    return {"written": written, "spec": specs.as_data(call.tenant, content)}
