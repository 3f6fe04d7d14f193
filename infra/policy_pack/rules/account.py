"""What an account has once a Region, and what must be there before something names it.

Sources: Amazon GuardDuty User Guide, "Concepts and terminology"; AWS Config Developer Guide, "Managing the customer
managed configuration recorder"; IAM User Guide, "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from infra.constraints.policies import documents, strings
from infra.constraints.values import text
from infra.evaluator.kinds import PolicyKind
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule
from infra.policy_pack.rules.parts import of_type

_ONCE = (
    "aws:guardduty/detector:Detector",
    "aws:cfg/recorder:Recorder",
    "aws:cfg/deliveryChannel:DeliveryChannel",
    "aws:securityhub/account:Account",
)
_ROLE = "aws:iam/role:Role"

Found = Iterator[tuple[StackResource, Finding]]


def _singletons(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    first: dict[tuple[str, str | None], StackResource] = {}
    for one in of_type(stack, *_ONCE):
        other = first.setdefault((one.type, one.region), one)
        if other is not one:
            yield one, Finding(property="", message=f"a Region has one, and {other.name} is it")


def _roles_first(stack: Sequence[StackResource], expected: Expectations) -> Found:
    del expected
    roles = {_suffix(role): role for role in of_type(stack, _ROLE) if text(role.properties, "name")}
    before = _Before(stack)
    for resource in stack:
        for document in documents(resource):
            if document.kind not in (PolicyKind.RESOURCE, PolicyKind.TRUST):
                continue
            for path, statement in document.statements():
                for arn in _named(statement):
                    role = roles.get(arn.partition(":role")[2])
                    if role is not None and role is not resource and role.urn not in before.all_of(resource.urn):
                        message = f"{arn} may not exist yet when the policy is written: AWS refuses it then"
                        yield resource, Finding(property=path, message=message, remedy=f"depend on {role.name}")


def _suffix(role: StackResource) -> str:
    """What stands in a role's ARN after the word: its path and name."""
    return f"{text(role.properties, 'path') or '/'}{text(role.properties, 'name')}"


def _named(statement: Mapping[str, Any]) -> list[str]:
    principal: Any = statement.get("Principal")
    return strings(cast("Mapping[str, Any]", principal).get("AWS")) if isinstance(principal, Mapping) else []


class _Before:
    """What is made before each resource of a stack."""

    def __init__(self, stack: Sequence[StackResource]) -> None:
        self._next = {
            one.urn: {one.parent, *one.depends_on, *(urn for urns in one.leads_to.values() for urn in urns)}
            for one in stack
        }
        self._all: dict[str, set[str]] = {}

    def all_of(self, urn: str) -> set[str]:
        """The URNs of all that is made before a resource, and of the components that it is part of."""
        if urn not in self._all:
            found: set[str] = set()
            open_ = list(self._next.get(urn, ()))
            while open_:
                each = open_.pop()
                if each not in found:
                    found.add(each)
                    open_.extend(self._next.get(each, ()))
            self._all[urn] = found
        return self._all[urn]


RULES = (
    Rule(
        id="account-singletons",
        title="What a Region has once is made once.",
        source="Amazon GuardDuty User Guide, Concepts and terminology",
        remedy="adopt the one that is there",
        stack=_singletons,
    ),
    Rule(
        id="policy-roles-first",
        title="A role is there before a policy names it as a principal.",
        source="IAM User Guide, AWS JSON policy elements: Principal",
        remedy="let the policy depend on the role",
        stack=_roles_first,
    ),
)
