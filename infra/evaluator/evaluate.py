"""The decision on one request: every layer in AWS's order.

Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

from dataclasses import replace

from infra.evaluator.decision import Decision, Layer, Verdict
from infra.evaluator.facts import Facts
from infra.evaluator.layers.ceilings import missing_ceiling
from infra.evaluator.layers.denials import explicit_denial
from infra.evaluator.layers.granting import grant
from infra.evaluator.layers.prepared import prepared_of
from infra.evaluator.policies import Applicable
from infra.evaluator.request import CallerKind, Request

#: Whoever can sign a request may ask who it is, even if a policy denies it.
#: Source: AWS STS API Reference, "GetCallerIdentity".
_FREE = "sts:getcalleridentity"
_NO_TRUST = " The role's trust policy is not part of this request; AWS asks it too."


def evaluate(request: Request, policies: Applicable) -> Verdict:
    """Decide one request as AWS would.

    Where AWS's documentation leaves a reading open, an Allow counts and a Deny does not, so that whoever reads "denied"
    can rely on it; the reason says so.

    Args:
        request: The request.
        policies: All policies that apply to it; those that are absent do not exist.

    Raises:
        AmbiguousContext: the context has one key twice, in different case.
    """
    prepared = prepared_of(policies)
    facts = Facts(request, has_boundary=bool(prepared.boundary))
    if facts.action == _FREE and facts.caller.kind is not CallerKind.ANONYMOUS:
        return Verdict(Decision.ALLOWED, Layer.IDENTITY, f"{request.action} needs no permission and cannot be denied.")
    notes: list[str] = []
    verdict = (
        explicit_denial(facts, prepared, notes)
        or missing_ceiling(facts, prepared, notes)
        or grant(facts, prepared, notes)
    )
    if verdict.allowed and not policies.trust and facts.action.startswith("sts:assumerole"):
        return replace(verdict, reason=verdict.reason + _NO_TRUST)
    return verdict
