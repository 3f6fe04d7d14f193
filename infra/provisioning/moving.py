"""What the steps of a move share: whence the tenant moves, and one update of the move run as part of a step."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from infra.blueprint import version_of_checkout
from infra.engine import StackResult
from infra.errors import UserError
from infra.fleet import blueprint_version
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import fleet_memory, moves
from infra.operations.exports import export_of
from infra.operations.projects import tenant_stack
from infra.provisioning import specs
from infra.provisioning.context import Result, Work
from infra.provisioning.stack_runs import models_of, progress_of
from infra.settings import ROOT
from infra.spec import TenantSpec, load_tenant
from infra.spec.move import Stage

#: What a move changes of a spec; anything else is a change of its own.
_MOVED = frozenset({"tier", "network"})


def advance(work: Work, call: StepCall, stage: Stage) -> Result:
    """Run one update of the move.

    Args:
        work: Where the tenant is; its spec says where it goes.
        call: Whose step it is; its argument ``former`` is the spec that the tenant leaves.
        stage: Which update.

    Raises:
        StepFailed: it was interrupted (transient), or something still runs in the network that goes (conflict).
        UserError: the move is none, or its plan does more than a move does.
        EngineError: the run failed.
    """
    try:
        left, models = left_by(work, call), models_of(work.workspace, call.tenant)
        result = moves.advance(
            work.workspace, call.tenant, left, stage, models=models.served, on_event=progress_of(call)
        )
    except moves.NetworkInUse as error:
        raise StepFailed(FailureClass.CONFLICT, error.message, error.remedy) from error
    finally:
        fleet_memory.record_run(work.workspace, call.tenant)
    return _told(result)


def put_back(work: Work, call: StepCall, gone_to: TenantSpec) -> Result:
    """Bring the tenant back to its former spec, which its file has again.

    Args:
        work: Where the tenant is.
        call: Whose step it is.
        gone_to: The spec that the move went to.

    Raises:
        StepFailed: it was interrupted (transient).
        EngineError: the run failed.
    """
    try:
        models = models_of(work.workspace, call.tenant)
        result = moves.put_back(work.workspace, call.tenant, gone_to, models=models.served, on_event=progress_of(call))
    finally:
        fleet_memory.record_run(work.workspace, call.tenant)
    return _told(result)


def require_move(work: Work, call: StepCall) -> None:
    """Refuse a move that changes more than tier and network, or that would upgrade the tenant besides.

    Raises:
        UserError: it does.
    """
    before, after = specs.former(call), specs.wanted(call)
    if before is None or after is None:
        raise UserError("a move needs the tenant's former spec and its new one", "ask for it by changing the tier")
    old, new = specs.as_data(call.tenant, before), specs.as_data(call.tenant, after)
    more = sorted(key for key in {*old, *new} - _MOVED if old.get(key) != new.get(key))
    if more:
        raise UserError(
            f"the move of {call.tenant} would also change {', '.join(more)}",
            "change tier and network only, and the rest in a change of its own, before or after the move",
            where=f"{call.tenant}.yaml",
        )
    export = export_of(work.workspace, tenant_stack(call.tenant))
    runs = None if export is None else blueprint_version(json.loads(export))
    if runs not in (None, version_of_checkout(ROOT)):
        raise UserError(
            f"{call.tenant} runs version {runs} of the blueprint, which a move would change in silence",
            f"upgrade the tenant to {version_of_checkout(ROOT)} first, then move it",
            where=call.tenant,
        )


def left_by(work: Work, call: StepCall) -> TenantSpec:
    """The spec that the tenant leaves.

    Raises:
        SpecErrors: all that is wrong with it.
        UserError: the operation does not say what it was.
    """
    former = specs.former(call)
    if former is None:
        raise UserError("a move needs the tenant's former spec", "ask for it by changing the tier", where=call.tenant)
    return spec_of(work, call.tenant, former)


def spec_of(work: Work, tenant: str, content: bytes) -> TenantSpec:
    """The spec that a content says, with the defaults of its tier.

    Raises:
        SpecErrors: all that is wrong with it.
    """
    with tempfile.TemporaryDirectory(prefix="bulkhead-spec-") as temporary:
        file = Path(temporary) / f"{tenant}.yaml"
        file.write_bytes(content)
        return load_tenant(work.settings.platform_spec, file)[1]


def _told(result: StackResult) -> Result:
    if result.error is not None:
        raise result.error
    if result.outcome != "succeeded":
        raise StepFailed(FailureClass.TRANSIENT, "the run was interrupted", "nothing: it is tried again")
    return {"changes": dict(result.summary)}
