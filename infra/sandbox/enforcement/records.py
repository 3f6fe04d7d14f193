"""What is recorded of a decision: the request's id, who asked, every check, and the statements that decided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from infra.evaluator.decision import Layer, StatementRef
from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.sandbox.enforcement.deciding import Check
from infra.sandbox.enforcement.decisions import told
from infra.sandbox.enforcement.outcome import Outcome
from infra.sandbox.enforcement.quoting import quote

_KINDS = {
    Layer.SCP: PolicyKind.SCP,
    Layer.RCP: PolicyKind.RCP,
    Layer.ENDPOINT: PolicyKind.ENDPOINT,
    Layer.RESOURCE: PolicyKind.RESOURCE,
    Layer.TRUST: PolicyKind.TRUST,
    Layer.IDENTITY: PolicyKind.IDENTITY,
    Layer.BOUNDARY: PolicyKind.BOUNDARY,
    Layer.SESSION: PolicyKind.SESSION,
}


def record_of(outcome: Outcome, request_id: str, now: datetime) -> Mapping[str, Any]:
    """A decision as JSON.

    Args:
        outcome: What was decided.
        request_id: The request's id.
        now: When.
    """
    identified, operation, error, route = outcome.identified, outcome.operation, outcome.error, outcome.route
    return {
        "request_id": request_id,
        "time": now.isoformat(timespec="milliseconds"),
        "outcome": _word(outcome),
        "service": operation.service if operation else None,
        "operation": operation.name if operation else None,
        "region": operation.region if operation else None,
        "caller": identified.caller.arn if identified else None,
        "role": identified.caller.role_arn if identified else None,
        "endpoint": route.endpoint if route else None,
        "unmapped": outcome.unmapped,
        "status": error.status if error else None,
        "code": error.code if error else None,
        "message": error.message if error else None,
        "checks": [_check(check) for check in outcome.checks],
    }


def _word(outcome: Outcome) -> str:
    if outcome.error is None:
        return "Allowed"
    if outcome.identified is None:
        return "CredentialsRefused"
    return "Denied" if outcome.checks else "Unmapped"


def _check(check: Check) -> Mapping[str, Any]:
    needed, verdict = check.needed, check.verdict
    return {
        "action": needed.action,
        "resource": needed.resource,
        "resource_account": needed.resource_account,
        "principal": check.actor.caller.arn if needed.principal else None,
        "via": needed.via,
        "decision": verdict.decision.value,
        "layer": verdict.layer.value,
        "reason": verdict.reason,
        "missing": verdict.missing,
        "statements": [_statement(reference, check.policies) for reference in verdict.statements],
        "context": told(check.context),
    }


def _statement(reference: StatementRef, policies: Applicable) -> Mapping[str, Any]:
    found: dict[str, Any] = {"ref": str(reference), "layer": reference.layer.value}
    policy = _policy(reference, policies)
    return found if policy is None else {**found, "text": quote(policy, reference.index)}


def _policy(reference: StatementRef, policies: Applicable) -> Policy | None:
    """The policy that a reference is to; grants are no policies."""
    kind = _KINDS.get(reference.layer)
    of_kind = (policy for policy in policies.documents() if policy.kind is kind and policy.label == reference.label)
    return next((policy for policy in of_kind if reference.index < len(policy.statements)), None)
