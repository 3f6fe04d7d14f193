"""Which kind of problem a user's mistake is: one table of the errors that the service's parts raise."""

from __future__ import annotations

from urllib.parse import quote

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import FieldError, ProblemError
from infra.errors import UserError
from infra.fleet import JournalHeld
from infra.gitops import SpecConflict, SpecMissing
from infra.jobs.model import IdReused, JobMissing, StepFailed
from infra.lifecycle.failures import FailureClass, TransitionRefused
from infra.operations.fleet_rollouts import RolloutRefused, UnknownRollout
from infra.placement import NoRoom
from infra.provisioning.exports import ExportMissing
from infra.spec import SpecErrors
from infra.store.operations import OperationRunning, UnknownOperation
from infra.store.tenants import StaleVersion, TenantExists, UnknownTenant

_MOST_ERRORS = 50
_RETRY_SECONDS = 5
_KINDS: dict[type[UserError], Kind] = {
    UnknownTenant: Kind.NOT_FOUND,
    UnknownOperation: Kind.NOT_FOUND,
    JobMissing: Kind.NOT_FOUND,
    SpecMissing: Kind.NOT_FOUND,
    UnknownRollout: Kind.NOT_FOUND,
    ExportMissing: Kind.NOT_FOUND,
    RolloutRefused: Kind.CONFLICT,
    JournalHeld: Kind.CONFLICT,
    TenantExists: Kind.CONFLICT,
    OperationRunning: Kind.CONFLICT,
    TransitionRefused: Kind.CONFLICT,
    IdReused: Kind.CONFLICT,
    NoRoom: Kind.CONFLICT,
    SpecConflict: Kind.STALE,
    StaleVersion: Kind.STALE,
}
_CLASSES = {
    FailureClass.USER: Kind.INVALID,
    FailureClass.QUOTA: Kind.CONFLICT,
    FailureClass.CAPACITY: Kind.CONFLICT,
    FailureClass.CONFLICT: Kind.CONFLICT,
    FailureClass.TRANSIENT: Kind.UNAVAILABLE,
    FailureClass.INTERNAL: Kind.INTERNAL,
}


def problem_of(error: UserError) -> ProblemError:
    """The problem that a user's mistake is answered with.

    Args:
        error: What was raised.
    """
    if isinstance(error, SpecErrors):
        return _spec_problem(error)
    if isinstance(error, StepFailed):
        return _failed(error)
    kind = _KINDS.get(type(error), Kind.INVALID)
    detail = f"{error.where}: {error.message}" if error.where else error.message
    return ProblemError(kind, detail, remedy=error.remedy)


def _spec_problem(error: SpecErrors) -> ProblemError:
    found = error.problems
    errors = [
        FieldError(
            location="spec",
            field="#/" + "/".join(quote(str(part), safe="~", errors="replace") for part in each.path),
            message=f"{each.file.name}: {each.message}; {each.remedy}",
            code="spec",
        )
        for each in found[:_MOST_ERRORS]
    ]
    names = ", ".join(dict.fromkeys(each.field for each in errors))
    return ProblemError(Kind.INVALID, f"{len(found)} things are wrong with the spec: {names}.", errors=errors)


def _failed(error: StepFailed) -> ProblemError:
    kind = _CLASSES[error.failure_class]
    if kind is Kind.INTERNAL:
        return ProblemError(kind, "The service failed while it looked for the answer.")
    retry = _RETRY_SECONDS if kind is Kind.UNAVAILABLE else None
    return ProblemError(kind, error.message, remedy=error.remedy, retry_after=retry)
