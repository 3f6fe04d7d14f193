"""What runs in the processes of `infra.provisioning.background`: each function answers a question."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import msgspec

from infra.errors import UserError
from infra.fleet import FleetNotReady, blueprint_version
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations.capacity import basis
from infra.operations.fleet_rollouts import RolloutRefused, Rollouts
from infra.operations.fleet_status import read_export
from infra.operations.fleet_view import fleet_view
from infra.operations.proposal import Proposal, preview_proposal, proposed_specs
from infra.operations.proposed_place import with_place
from infra.operations.rollout_plans import RolloutWish, planned
from infra.operations.versions import Versions
from infra.operations.workspace import Workspace
from infra.placement import NoRoom
from infra.provisioning.certificates import public_key
from infra.provisioning.exports import link
from infra.quotas.report import capacity as report
from infra.review.model import Access
from infra.settings import load_settings
from infra.spec import SpecErrors, SpecProblem, load_estate

Question = Callable[[StepCall], dict[str, Any]]


def _told(question: Question) -> Question:
    """A user's mistake as such, not as a defect; what is wrong with specs as data, without the folder of a copy."""

    @wraps(question)
    def answered(call: StepCall) -> dict[str, Any]:
        try:
            return question(call)
        except StepFailed:
            raise
        except SpecErrors as errors:
            return {"problems": [_problem(each) for each in errors.problems]}
        except NoRoom as error:
            raise StepFailed(FailureClass.CAPACITY, error.message, error.remedy) from error
        except UserError as error:
            message = f"{error.where}: {error.message}" if error.where else error.message
            raise StepFailed(FailureClass.USER, message, error.remedy or "correct what the message names") from error

    return answered


@_told
def preview(call: StepCall) -> dict[str, Any]:
    """The plan and the proof of a tenant's spec."""
    content: str | None = call.arguments["content"]
    found = preview_proposal(load_settings(), call.tenant, None if content is None else content.encode())
    return {"tenant": call.tenant, **_document(found)}


@_told
def check(call: StepCall) -> dict[str, Any]:
    """All that is wrong with a spec beside all others; one that leaves its place out has the one that it would get."""
    settings = load_settings()
    proposed = with_place(settings, call.tenant, call.arguments["content"].encode())
    with tempfile.TemporaryDirectory(prefix="bulkhead-check-") as temporary:
        folder = Path(temporary)
        proposed_specs(settings.specs, folder, call.tenant, proposed.content)
        load_estate(settings.platform_spec, folder, {settings.platform_spec: proposed.platform})
    return {}


@_told
def capacity(call: StepCall) -> dict[str, Any]:
    """The account's quotas with their use, and how many more tenants fit."""
    del call
    with Workspace(load_settings()) as workspace:
        return msgspec.to_builtins(report(basis(workspace)))


@_told
def fleet(call: StepCall) -> dict[str, Any]:
    """The versions that tenants run, and the rollouts."""
    del call
    with Workspace(load_settings()) as workspace:
        return msgspec.to_builtins(fleet_view(workspace, today=datetime.now(UTC).date()))


@_told
def rollout(call: StepCall) -> dict[str, Any]:
    """The plan of a rollout over the fleet as it is; with a reference it is begun, and the service carries it out."""
    wish = msgspec.convert(call.arguments["wish"], RolloutWish)
    by, reference = str(call.arguments["by"]), str(call.arguments["reference"])
    now = datetime.now(UTC)
    with Workspace(load_settings()) as workspace, Versions(workspace) as versions:
        rollouts = Rollouts(workspace.settings.home)
        begun = rollouts.begun_by(reference) if reference else None
        if begun is not None:
            return {"rollout": begun}
        try:
            plan = planned(workspace, versions, wish, by=by, now=now)
            if not reference:
                return {"plan": plan.model_dump(mode="json")}
            return {"rollout": rollouts.begin_for_service(plan, by, reference, now)}
        except (FleetNotReady, RolloutRefused) as refusal:
            raise StepFailed(FailureClass.CONFLICT, refusal.message, refusal.remedy) from refusal


@_told
def certificate_key(call: StepCall) -> dict[str, Any]:
    """The public key that verifies certificates of erasures."""
    del call
    return {"pem": public_key(load_settings())}


@_told
def export_link(call: StepCall) -> dict[str, Any]:
    """A link to a file of an export."""
    return {"link": link(load_settings(), str(call.arguments["url"]), seconds=int(call.arguments["seconds"]))}


@_told
def version(call: StepCall) -> dict[str, Any]:
    """The version of the blueprint that a tenant runs; None where it has no stack."""
    with Workspace(load_settings()) as workspace:
        deployed = call.tenant in workspace.deployed_tenants()
        return {"version": blueprint_version(read_export(workspace, call.tenant)) if deployed else None}


def _problem(problem: SpecProblem) -> dict[str, Any]:
    return {
        "file": problem.file.name,
        "path": list(problem.path),
        "message": problem.message,
        "remedy": problem.remedy,
    }


def _document(found: Proposal) -> dict[str, Any]:
    isolation = found.isolation
    return {
        "outcome": found.outcome,
        "error": found.error,
        "resources": msgspec.to_builtins(found.resources),
        "unchanged": found.unchanged,
        "before_usd": found.before_usd,
        "after_usd": found.after_usd,
        "verdict": str(isolation.report.verdict.value) if isolation else "",
        "verdict_reason": found.isolation_error,
        "gained": _rights(isolation.gained if isolation else ()),
        "lost": _rights(isolation.dropped if isolation else ()),
        "warnings": list(found.warnings),
    }


def _rights(rights: Sequence[Access]) -> list[dict[str, Any]]:
    return msgspec.to_builtins(rights)
