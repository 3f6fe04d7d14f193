"""The words of a tenant's lifecycle: its states, the kinds of operations on it, and the events that move it."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a tenant is in its life."""

    REQUESTED = "requested"
    VALIDATED = "validated"
    PREFLIGHTED = "preflighted"
    PROVISIONING = "provisioning"
    VERIFYING = "verifying"
    ACTIVE = "active"
    UPDATING = "updating"
    SUSPENDED = "suspended"
    ERASING = "erasing"
    ERASED = "erased"
    FAILED = "failed"


class OperationKind(StrEnum):
    """What a long-running operation does to a tenant."""

    ONBOARD = "onboard"
    UPDATE = "update"
    SUSPEND = "suspend"
    RESUME = "resume"
    UPGRADE = "upgrade"
    MOVE = "move"
    ERASE = "erase"


class Event(StrEnum):
    """What happened to a tenant, in the past tense: the name under which the outside is told."""

    ADOPTED = "adopted"
    ADOPTED_SUSPENDED = "adopted_suspended"
    ONBOARDING_REQUESTED = "onboarding_requested"
    SPEC_ACCEPTED = "spec_accepted"
    PREFLIGHT_PASSED = "preflight_passed"
    PROVISIONING_STARTED = "provisioning_started"
    PROVISIONED = "provisioned"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"
    CHANGE_STARTED = "change_started"
    CHANGE_APPLIED = "change_applied"
    ACCESS_CLOSED = "access_closed"
    ROLLED_BACK = "rolled_back"
    ERASURE_STARTED = "erasure_started"
    ERASURE_WITHDRAWN = "erasure_withdrawn"
    ERASED = "erased"
    FAILED = "failed"


#: What each state means, for people; docs/lifecycle.md shows it.
MEANINGS: dict[State, str] = {
    State.REQUESTED: "the request is kept; nothing is checked or made",
    State.VALIDATED: "the spec is accepted, alone and beside all others",
    State.PREFLIGHTED: "quota, capacity, residency and proof allow it; still nothing is made",
    State.PROVISIONING: "the engine makes its resources",
    State.VERIFYING: "smoke tests with the tenant's own credentials: its own is allowed, a neighbour's denied",
    State.ACTIVE: "in use",
    State.UPDATING: "a change of what is deployed is being applied",
    State.SUSPENDED: "access closed, data kept",
    State.ERASING: "access closed, resources and data are being removed",
    State.ERASED: "the inventory is empty and the certificate signed; the id is not used again",
    State.FAILED: "an operation stopped midway; the failure says at which step, of which class, and what to do",
}

#: The operations that change what is deployed of a tenant and give it back active or suspended.
CHANGES = frozenset(
    {OperationKind.UPDATE, OperationKind.SUSPEND, OperationKind.RESUME, OperationKind.UPGRADE, OperationKind.MOVE}
)
ALL_KINDS = frozenset(OperationKind)
