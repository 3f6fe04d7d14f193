"""Whether a request passes an endpoint's or a resource's policy: just the part of IAM's rules that ours use.

Globs, ``StringEquals``, ``ArnLike``, ``ArnNotLike``, ``Bool``, the variable of the principal's tag, and a Deny that
wins. Anything else fails the test, so that a policy which begins to use more cannot pass unread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from infra.policies.document import ANYONE, PolicyDocument, Statement

VARIABLE = "${aws:PrincipalTag/tenant}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One call: who (a role's ARN and the tenant tag of its session), what, on what, and further keys."""

    principal: str
    tag: str | None
    action: str
    resource: str
    keys: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def context(self) -> dict[str, str]:
        """The condition keys of the request."""
        own = {"aws:PrincipalArn": self.principal, "aws:PrincipalAccount": self.principal.split(":")[4]}
        return own | {"aws:PrincipalIsAWSService": "false"} | dict(self.keys)


def passes(document: PolicyDocument, request: Request) -> bool:
    """Whether the policy lets the request through."""
    effects = _effects(document, request)
    return "Allow" in effects and "Deny" not in effects


def denies(document: PolicyDocument, request: Request) -> bool:
    """Whether the policy denies the request, whatever else allows it."""
    return "Deny" in _effects(document, request)


def _effects(document: PolicyDocument, request: Request) -> set[str]:
    return {statement.effect for statement in document.statements if _matches(statement, request)}


def _matches(statement: Statement, request: Request) -> bool:
    assert not statement.not_actions
    assert not statement.not_resources
    principal = statement.principal
    assert principal is not None
    if principal != ANYONE and request.principal not in principal.aws:
        return False
    if request.action not in statement.actions:
        return False
    # A repository policy has no resource: it is about the repository that it is attached to.
    if statement.resources and not any(_like(request.resource, glob, request) for glob in statement.resources):
        return False
    return all(
        _holds(operator, request.context.get(key), [values] if isinstance(values, str) else values, request)
        for operator, keys in statement.conditions.items()
        for key, values in keys.items()
    )


def _holds(operator: str, actual: str | None, values: Sequence[str], request: Request) -> bool:
    if operator == "ArnNotLike":
        return not _holds("ArnLike", actual, values, request)
    if actual is None:
        return False
    if operator in {"StringEquals", "Bool"}:
        return any(_filled(value, request) == actual for value in values)
    assert operator == "ArnLike", f"{operator} is not known here"
    return any(_like(actual, value, request) for value in values)


def _like(actual: str, glob: str, request: Request) -> bool:
    filled = _filled(glob, request)
    return filled is not None and fnmatchcase(actual, filled)


def _filled(text: str, request: Request) -> str | None:
    """The text with the variable filled in; None where it has no value, which matches nothing."""
    assert "$" not in text.replace(VARIABLE, "")
    if VARIABLE not in text:
        return text
    return None if request.tag is None else text.replace(VARIABLE, request.tag)
