"""KMS grants: they only allow, and pass by key policy and identity policies.

Source: AWS KMS Developer Guide, "Grants in AWS KMS" and "Using grant constraints".
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.evaluator.answer import Open
from infra.evaluator.decision import Layer, Verdict
from infra.evaluator.document import PrincipalName
from infra.evaluator.facts import Facts, text_of
from infra.evaluator.layers.wording import allowed
from infra.evaluator.policies import Grant
from infra.evaluator.principals import Named, Reach, names_caller
from infra.evaluator.request import CallerKind

_ENCRYPTION_CONTEXT = "kms:encryptioncontext:"
#: Operations that take an encryption context; a constraint limits these only.
#: Source: AWS KMS Developer Guide, "Using grant constraints".
WITH_CONTEXT = frozenset(
    {
        "decrypt",
        "encrypt",
        "generatedatakey",
        "generatedatakeypair",
        "generatedatakeypairwithoutplaintext",
        "generatedatakeywithoutplaintext",
        "reencryptfrom",
        "reencryptto",
    }
)
_NOTE = (
    "Reading taken: AWS's documentation does not say that a permissions boundary or session policy limits a grant; "
    "it is taken not to."
)
_ACCOUNT_NOTE = (
    "Reading taken: AWS's documentation leaves open whether a grant to an account's root user is one to all of the "
    "account; it is taken to be."
)
_OTHER_ACCOUNT_NOTE = (
    "Reading taken: AWS's documentation leaves open whether a grant to somebody of another account needs an "
    "identity-based policy there; it is taken not to."
)


def granted(facts: Facts, grants: tuple[Grant, ...], notes: list[str]) -> Verdict | None:
    """The verdict if a grant allows the request."""
    for grant in grants:
        named = _grantee(grant, facts) if _covers(grant, facts) else None
        if named is not None:
            if facts.has_boundary:
                notes.append(_NOTE)
            if not facts.same_account and facts.caller.account is not None:
                notes.append(_OTHER_ACCOUNT_NOTE)
            if named.reach is Reach.ACCOUNT:
                notes.append(_ACCOUNT_NOTE)
            if isinstance(named.answer, Open):
                notes.append(f"Reading taken: {named.answer.reading}; the grant is taken to apply.")
            why = f"The grant {grant.label} to {grant.grantee} allows {facts.request.action} on {facts.resource}."
            return allowed(Layer.GRANT, why, (), notes)
    return None


def _grantee(grant: Grant, facts: Facts) -> Named | None:
    kind = "Service" if facts.caller.kind is CallerKind.SERVICE else "AWS"
    return names_caller(PrincipalName(kind, grant.grantee), facts.caller)


def _covers(grant: Grant, facts: Facts) -> bool:
    operation = facts.action.partition(":")[2]
    if facts.service != "kms" or operation not in {name.lower() for name in grant.operations}:
        return False
    if grant.key is not None and grant.key != facts.resource:
        return False
    return operation not in WITH_CONTEXT or _constraints_hold(grant, _encryption_context(facts))


def _constraints_hold(grant: Grant, context: Mapping[str, str]) -> bool:
    if grant.context_equals is not None and dict(grant.context_equals) != dict(context):
        return False
    subset = grant.context_subset or {}
    return all(context.get(key) == value for key, value in subset.items())


def _encryption_context(facts: Facts) -> dict[str, str]:
    """The request's encryption context, its case kept: KMS does not ignore it."""
    start = len(_ENCRYPTION_CONTEXT)
    return {
        key[start:]: text_of(value)
        for key, value in facts.request.context.items()
        if key.lower().startswith(_ENCRYPTION_CONTEXT) and value is not None
    }
