"""From whatever a step raises to a typed failure: its class, what is wrong, and what to do."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy.exc import DBAPIError

from infra.engine import errors as engine
from infra.engine.errors import EngineError
from infra.errors import UserError
from infra.gitops import SpecConflict
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.live.account import Absent, Unread
from infra.operations.cell_opening import CellRefused
from infra.placement import NoRoom
from infra.provisioning.aws_failures import AwsFailure, failure_in, failure_of
from infra.sandbox.errors import SandboxError

#: What a class of failures is answered with where the error itself says nothing.
_REMEDIES: dict[FailureClass, str] = {
    FailureClass.USER: "change what the message names, then start the operation again",
    FailureClass.QUOTA: "ask AWS to raise the quota: `bulkhead capacity` prints the request",
    FailureClass.CAPACITY: "give the platform room: `bulkhead capacity` says what is missing",
    FailureClass.TRANSIENT: "nothing: it is tried again",
    FailureClass.CONFLICT: "wait until the other run has ended; it is tried again",
    FailureClass.INTERNAL: "an operator must look: the service's log has the whole error",
}

#: The errors of the engine, of the specs and of the cloud whose type says enough; the first that fits counts.
_TYPES: tuple[tuple[type[Exception], FailureClass], ...] = (
    (SpecConflict, FailureClass.CONFLICT),
    (engine.StackBusy, FailureClass.CONFLICT),
    (engine.ConcurrentUpdate, FailureClass.CONFLICT),
    (engine.WorkerDied, FailureClass.TRANSIENT),
    (engine.ProgramFailed, FailureClass.USER),
    (engine.ProtectedResource, FailureClass.USER),
    (engine.EngineError, FailureClass.INTERNAL),
    (SandboxError, FailureClass.INTERNAL),
    (DBAPIError, FailureClass.TRANSIENT),
    (Absent, FailureClass.TRANSIENT),
    (CellRefused, FailureClass.QUOTA),
    (NoRoom, FailureClass.CAPACITY),
    (UserError, FailureClass.USER),
)


def failed(error: Exception) -> StepFailed | None:
    """The failure of a step that raised something; None for a defect of the step itself.

    Args:
        error: What it raised.
    """
    if isinstance(error, StepFailed):
        return error
    if isinstance(error, ClientError | Unread):
        code = error.code if isinstance(error, Unread) else error.response.get("Error", {}).get("Code", "")
        return _by_aws(failure_of(code, str(error)), str(error))
    if isinstance(error, BotoCoreError):
        return _by_aws(failure_of(type(error).__name__), str(error))
    if isinstance(error, EngineError) and (found := failure_in(error.message)) is not None:
        return _by_aws(found, _said(error))
    failure_class = next((each for kind, each in _TYPES if isinstance(error, kind)), None)
    if failure_class is None:
        return None
    remedy = error.remedy if isinstance(error, UserError) else ""
    return StepFailed(failure_class, _said(error), remedy or _REMEDIES[failure_class])


def _by_aws(found: AwsFailure, message: str) -> StepFailed:
    return StepFailed(found.failure_class, message, found.remedy)


def _said(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        return f"the database does not answer: {error.orig}"
    if isinstance(error, UserError):
        return f"{error.where}: {error.message}" if error.where else error.message
    return str(error)
