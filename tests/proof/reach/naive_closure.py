"""A closure that is slow and plain: every step of everybody tried by the concrete evaluator, until nothing is new.

It knows roles without tags only, one state of rights each, and the few steps and context keys that arbitrary estates
have; it shares with the closure under test neither the search, nor the candidates, nor the solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import ContextValue, Request, caller_of
from infra.proof.facts import Document, Estate, Principal

#: The values that requests try for the keys that policies name.
CONTEXTS: Mapping[str, tuple[ContextValue, ...]] = {
    "sts:ExternalId": (None, "x", "y"),
    "iam:PassedToService": ("lambda.amazonaws.com",),
}
_ALL = compile_policy(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, PolicyKind.IDENTITY
)
_FUNCTION = "arn:aws:lambda:eu-central-1:{account}:function:new"

#: A role's ARN, whether it has given itself all rights, and whether its boundary is still there.
State = tuple[str, bool, bool]


def naive_closure(estate: Estate, start: Principal) -> set[State]:
    """Every state that a role becomes."""
    roles = {one.arn: one for one in estate.principals}
    found: set[State] = {(start.arn, False, True)}
    while True:
        more = {after for state in found for after in _after(state, found, roles)}
        if more <= found:
            return found
        found |= more


def _after(state: State, found: set[State], roles: Mapping[str, Principal]) -> Iterator[State]:
    for arn, role in roles.items():
        trust = _policy(role.trust)
        if _may(state, roles, "sts:AssumeRole", arn, trust=trust):
            yield arn, False, True
        if _may(state, roles, "iam:UpdateAssumeRolePolicy", arn):
            yield arn, False, True
        if _is_passed(state, roles, arn, trust):
            yield arn, False, True
        for _, everything, bounded in [one for one in found if one[0] == arn]:
            if _may(state, roles, "iam:PutRolePolicy", arn):
                yield arn, True, bounded
            if role.boundary is not None and _may(state, roles, "iam:DeleteRolePermissionsBoundary", arn):
                yield arn, everything, False


def _is_passed(state: State, roles: Mapping[str, Principal], arn: str, trust: Policy | None) -> bool:
    makes = _FUNCTION.format(account=arn.split(":")[4])
    return (
        _may(state, roles, "iam:PassRole", arn)
        and _may(state, roles, "lambda:CreateFunction", makes)
        and _is_allowed("lambda.amazonaws.com", "sts:AssumeRole", arn, Applicable(resource=trust, trust=True))
    )


def _may(
    state: State, roles: Mapping[str, Principal], action: str, resource: str, *, trust: Policy | None = None
) -> bool:
    arn, everything, bounded = state
    own = roles[arn]
    policies = Applicable(
        identity=(_ALL,) if everything else tuple(filter(None, map(_policy, own.identity))),
        boundary=_policy(own.boundary) if bounded else None,
        resource=trust,
        trust=trust is not None,
    )
    return _is_allowed(arn, action, resource, policies)


def _is_allowed(who: str, action: str, resource: str, policies: Applicable) -> bool:
    contexts = (dict(zip(CONTEXTS, values, strict=True)) for values in product(*CONTEXTS.values()))
    requests = (Request(caller_of(who), action, resource, context=context) for context in contexts)
    return any(evaluate(one, policies).allowed for one in requests)


def _policy(document: Document | None) -> Policy | None:
    found = None if document is None else document.compiled()
    assert found is None or isinstance(found, Policy)
    return found
