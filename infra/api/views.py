"""The documents that the API answers with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from infra.lifecycle.failures import Failure, FailureClass
from infra.lifecycle.operations import OperationState
from infra.lifecycle.states import OperationKind, State
from infra.store.audit_log import AuditEntry
from infra.store.operations import OperationRecord
from infra.store.tenants import TenantRecord


class FailureView(BaseModel, frozen=True):
    """Why an operation stopped, and what to do.

    Attributes:
        operation: The kind of operation that stopped.
        step: The step that it stopped in.
        failure_class: Who or what must change before another try can succeed.
        message: What is wrong.
        remedy: What to do about it.
        retried: Whether the step is tried again without anybody's doing.
    """

    operation: OperationKind
    step: str
    failure_class: FailureClass
    message: str
    remedy: str
    retried: bool


class ResourcesView(BaseModel, frozen=True):
    """How many resources the running step has dealt with.

    Attributes:
        done: So many are done.
        total: Of so many.
    """

    done: int
    total: int


class OperationView(BaseModel, frozen=True):
    """A long-running operation.

    Attributes:
        id: Its id.
        tenant: The tenant that it changes.
        kind: What it does.
        state: Where it is; succeeded, failed and cancelled are final.
        step: The step that runs or is next; None when all have ended.
        steps: All its steps, in order.
        steps_done: How many of them have ended.
        percent: How much of the work is done.
        resources: How far the running step is, where it counts resources.
        failure: Why it failed.
        cancel_requested: Whether it ends before its next step.
        caller: Who asked for it.
        created_at: When it was accepted.
        changed_at: When it last changed.
        ended_at: When it was over.
    """

    id: str
    tenant: str
    kind: OperationKind
    state: OperationState
    step: str | None
    steps: Sequence[str]
    steps_done: int
    percent: int
    resources: ResourcesView | None
    failure: FailureView | None
    cancel_requested: bool
    caller: str
    created_at: datetime
    changed_at: datetime
    ended_at: datetime | None


class TenantSummary(BaseModel, frozen=True):
    """A tenant in a list.

    Attributes:
        id: Its id.
        state: Its state.
        display_name: Its name for people.
        tier: Its tier.
        region: Its Region; None where its spec leaves that to its tier.
        created_at: When it was requested.
        changed_at: When it was last changed.
    """

    id: str
    state: State
    display_name: str
    tier: str
    region: str | None
    created_at: datetime
    changed_at: datetime


class TenantView(BaseModel, frozen=True):
    """A tenant.

    Attributes:
        id: Its id.
        state: Its state.
        spec: Its spec, as its file says; the tier's defaults are not filled in.
        failure: In the state failed: why.
        operation: The operation that is not over, if there is one.
        created_at: When it was requested.
        changed_at: When it was last changed.
    """

    id: str
    state: State
    spec: dict[str, Any]
    failure: FailureView | None
    operation: str | None
    created_at: datetime
    changed_at: datetime


class ProposalView(BaseModel, frozen=True):
    """A change that was committed for review, and takes effect when it is merged.

    Attributes:
        tenant: The tenant that it changes.
        branch: The branch.
        commit: The commit.
        merged: Whether it is on the merged branch already.
    """

    tenant: str
    branch: str | None
    commit: str | None
    merged: bool


class AuditEntryView(BaseModel, frozen=True):
    """An entry of the audit log; see `infra.store.audit_log.AuditEntry`."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    outcome: str
    detail: str
    previous: str
    hash: str


class MeView(BaseModel, frozen=True):
    """Who the caller is to the service.

    Attributes:
        subject: Its name at the issuer.
        issuer: Who vouches for it.
        roles: What it is for the platform.
        tenant: The tenant that it administers.
        operations: What it may ask for, on all tenants or on its own.
        own_keys: The keys of its tenant's spec that it may change; None where it may change all.
    """

    subject: str
    issuer: str
    roles: Sequence[str]
    tenant: str | None
    operations: Sequence[str]
    own_keys: Sequence[str] | None


def failure_view(failure: Failure | None) -> FailureView | None:
    """Why something stopped, as it is shown."""
    if failure is None:
        return None
    return FailureView(
        operation=failure.operation,
        step=failure.step,
        failure_class=failure.failure_class,
        message=failure.message,
        remedy=failure.remedy,
        retried=failure.retried,
    )


def operation_view(
    record: OperationRecord, resources: ResourcesView | None = None, *, cancel_requested: bool = False
) -> OperationView:
    """An operation as it is shown.

    Args:
        record: The operation.
        resources: How far its step is.
        cancel_requested: Whether it ends before its next step.
    """
    operation = record.operation
    return OperationView(
        id=operation.id,
        tenant=operation.tenant,
        kind=operation.kind,
        state=operation.state,
        step=operation.step.name if operation.step else None,
        steps=[each.name for each in operation.steps],
        steps_done=operation.steps_done,
        percent=operation.percent,
        resources=resources,
        failure=failure_view(operation.failure),
        cancel_requested=cancel_requested,
        caller=record.caller,
        created_at=record.created_at,
        changed_at=record.changed_at,
        ended_at=record.ended_at,
    )


def tenant_summary(record: TenantRecord, spec: dict[str, Any]) -> TenantSummary:
    """A tenant as a list shows it."""
    return TenantSummary(
        id=record.id,
        state=record.condition.state,
        display_name=str(spec.get("display_name", "")),
        tier=str(spec.get("tier", "")),
        region=spec.get("region"),
        created_at=record.created_at,
        changed_at=record.changed_at,
    )


def audit_entry_view(entry: AuditEntry) -> AuditEntryView:
    """An entry of the audit log as it is shown."""
    return AuditEntryView(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        outcome=entry.outcome,
        detail=entry.detail,
        previous=entry.previous,
        hash=entry.hash,
    )
