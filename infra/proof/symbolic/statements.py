"""The statements of all policies of a question, by policy, with what each of them asks of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from infra.evaluator.document import Policy, Statement
from infra.evaluator.facts import Facts
from infra.evaluator.kinds import Effect
from infra.evaluator.patterns import Patterns
from infra.evaluator.policies import Applicable
from infra.evaluator.principals import ANYONE, Named, Principals, compile_not_principals, compile_principals
from infra.proof.symbolic.checks import Check, checks_of


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What one statement asks of a request.

    Args:
        effect: Allow or Deny.
        lists: Whether it lists the action of a request.
        principals: How it names the caller; None where its kind of policy names none.
        checks: What it asks of resource and context, all of which must hold.
    """

    effect: Effect
    lists: Callable[[Facts], bool]
    principals: Principals | None
    checks: tuple[Check, ...]

    def names(self, facts: Facts) -> Named | None:
        """How it names the caller; None if it does not."""
        return ANYONE if self.principals is None else self.principals(facts)


_ASKED: WeakKeyDictionary[Policy, tuple[Asked, ...]] = WeakKeyDictionary()


def asked_by(policies: Applicable) -> Mapping[Policy, tuple[Asked, ...]]:
    """The statements of every policy; read once and kept as long as the policy."""
    return {policy: _of(policy) for policy in policies.documents()}


def _of(policy: Policy) -> tuple[Asked, ...]:
    found = _ASKED.get(policy)
    if found is None:
        found = _ASKED[policy] = tuple(_asked(policy, one) for one in policy.statements)
    return found


def _asked(policy: Policy, statement: Statement) -> Asked:
    principals: Principals | None = None
    if statement.principals is not None:
        principals = compile_principals(statement.principals, policy.kind)
    elif statement.not_principals is not None:
        principals = compile_not_principals(statement.not_principals, statement.effect)
    return Asked(
        effect=statement.effect,
        lists=_lists(statement),
        principals=principals,
        checks=tuple(checks_of(policy, statement)),
    )


def _lists(statement: Statement) -> Callable[[Facts], bool]:
    listed = statement.actions if statement.actions is not None else statement.not_actions
    patterns, wanted = Patterns(listed or (), variables=False), statement.actions is not None
    return lambda facts: patterns.matches(facts.action, facts) is wanted
