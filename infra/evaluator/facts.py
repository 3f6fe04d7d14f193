"""A request as the evaluation sees it: names in lower case, and the keys that AWS itself adds to every request.

Source: IAM User Guide, "AWS global condition context keys" and "IAM policy elements: Variables and tags", Principal
key values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from infra.evaluator.answer import Answer
from infra.evaluator.errors import AmbiguousContext
from infra.evaluator.request import Caller, CallerKind, ContextValue, Request

Scalar = str | bool | int | float

_SINGLE = frozenset({str, bool, int, float, type(None)})

_PRINCIPAL_TYPES: Mapping[CallerKind, str] = {
    CallerKind.ROLE_SESSION: "AssumedRole",
    CallerKind.ROLE: "AssumedRole",
    CallerKind.USER: "User",
    CallerKind.ROOT: "Account",
    CallerKind.FEDERATED_USER: "FederatedUser",
    CallerKind.ANONYMOUS: "Anonymous",
}


class Facts:
    """What statements are matched against.

    Args:
        request: The request.
        has_boundary: Whether the caller has a permissions boundary.
    """

    __slots__ = (
        "_context",
        "action",
        "caller",
        "has_boundary",
        "owner",
        "request",
        "resource",
        "same_account",
        "service",
    )

    def __init__(self, request: Request, *, has_boundary: bool) -> None:
        self.request = request
        self.caller: Caller = request.principal
        self.action = request.action.lower()
        self.service = self.action.partition(":")[0]
        self.resource = request.resource
        self.has_boundary = has_boundary
        self._context: dict[str, ContextValue] = {key.lower(): value for key, value in request.context.items()}
        if len(self._context) != len(request.context):
            raise AmbiguousContext(request.context)
        self.owner = self._owner()
        self.same_account = self.owner is not None and self.owner == self.caller.account

    def _owner(self) -> str | None:
        """The account of the resource. Where nothing tells it, the caller's: fewer policies must allow then."""
        given = self.request.resource_account or _account_of(self.resource)
        return given or text_of(self._context.get("aws:resourceaccount") or "") or self.caller.account

    def value(self, key: str) -> ContextValue:
        """The value of a context key, in lower case; None if the request has none."""
        value = self._context.get(key)
        if value is None and key in _DERIVED:
            return _DERIVED[key](self)
        return value

    def text(self, key: str) -> str | None:
        """The value of a context key as a policy variable takes it; None without a value or with several."""
        value = self.value(key)
        return None if value is None or is_several(value) else text_of(value)


def text_of(value: object) -> str:
    """A value as policies write it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def is_several(value: object) -> bool:
    """Whether a value is that of a multivalued key."""
    return type(value) not in _SINGLE and isinstance(value, Sequence)


def _account_of(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[4].isdigit() else None


def _principal_arn(facts: Facts) -> str | None:
    caller = facts.caller
    if caller.kind in (CallerKind.SERVICE, CallerKind.ANONYMOUS, CallerKind.CANONICAL, CallerKind.FEDERATED):
        return None
    return caller.role_arn or caller.arn


def _principal_account(facts: Facts) -> str | None:
    return "anonymous" if facts.caller.kind is CallerKind.ANONYMOUS else facts.caller.account


def _is_service(facts: Facts) -> bool | None:
    return None if facts.caller.kind is CallerKind.ANONYMOUS else facts.caller.kind is CallerKind.SERVICE


def _service_name(facts: Facts) -> str | None:
    return facts.caller.arn if facts.caller.kind is CallerKind.SERVICE else None


def _user_name(facts: Facts) -> str | None:
    return facts.caller.arn.rsplit("/", 1)[-1] if facts.caller.kind is CallerKind.USER else None


def _called_via(facts: Facts, place: int) -> str | None:
    services = facts.value("aws:calledvia")
    return text_of(cast("Sequence[Scalar]", services)[place]) if is_several(services) and services else None


_DERIVED: Mapping[str, Callable[[Facts], ContextValue]] = {
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _principal_account,
    "aws:principaltype": lambda facts: _PRINCIPAL_TYPES.get(facts.caller.kind),
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:username": _user_name,
    "aws:calledviafirst": lambda facts: _called_via(facts, 0),
    "aws:calledvialast": lambda facts: _called_via(facts, -1),
    "aws:viaawsservice": lambda facts: True if _called_via(facts, 0) else None,
    "aws:resourceaccount": lambda facts: facts.owner,
}


#: Whether a part of a statement, compiled, matches.
Test = Callable[[Facts], Answer]
