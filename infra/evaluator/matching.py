"""Policies compiled for matching: which statements of a policy are about a request, and how surely."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from infra.evaluator.answer import Open
from infra.evaluator.conditions import compile_condition
from infra.evaluator.document import Policy, Statement
from infra.evaluator.facts import Facts, Test
from infra.evaluator.kinds import Effect
from infra.evaluator.patterns import Patterns
from infra.evaluator.principals import ANYONE, Principals, Reach, compile_not_principals, compile_principals
from infra.evaluator.resources import compile_resources

#: So many actions a policy remembers.
_KNOWN_ACTIONS = 4096


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that is about a request, or would be under one reading of it.

    Args:
        label: Its policy's label.
        statement: The statement.
        reach: How directly it names the caller; `Reach.DIRECT` where the kind of policy names none.
        readings: What had to be read so that it is; empty if it is for certain.
    """

    label: str
    statement: Statement
    reach: Reach
    readings: tuple[str, ...]


class _Matcher:
    """One statement compiled."""

    __slots__ = ("_certain", "_label", "_principals", "_tests", "statement")

    def __init__(self, policy: Policy, statement: Statement) -> None:
        self.statement = statement
        self._label = policy.label
        self._certain = Match(policy.label, statement, Reach.DIRECT, ())
        variables = policy.has_variables
        tests: list[Test] = []
        if statement.resources is not None:
            tests.append(compile_resources(statement.resources, variables=variables, negate=False))
        elif statement.not_resources is not None:
            tests.append(compile_resources(statement.not_resources, variables=variables, negate=True))
        tests.extend(compile_condition(condition, variables=variables) for condition in statement.conditions)
        self._tests = tuple(tests)
        self._principals: Principals | None = None
        if statement.principals is not None:
            self._principals = compile_principals(statement.principals, policy.kind)
        elif statement.not_principals is not None:
            self._principals = compile_not_principals(statement.not_principals, statement.effect)

    def match(self, facts: Facts) -> Match | None:
        """How the statement is about a request whose action it lists; None if it is not."""
        readings: list[str] = []
        named = ANYONE if self._principals is None else self._principals(facts)
        if named is None:
            return None
        if isinstance(named.answer, Open):
            readings.append(named.answer.reading)
        for holds in self._tests:
            answer = holds(facts)
            if answer is not True:
                if answer is False:
                    return None
                readings.append(answer.reading)
        if named is ANYONE and not readings:
            return self._certain
        return Match(self._label, self.statement, named.reach, tuple(readings))


class PolicyMatcher:
    """A policy's statements by effect and action.

    Args:
        policy: The policy.
    """

    __slots__ = ("__weakref__", "_by_action", "_match_actions")

    def __init__(self, policy: Policy) -> None:
        compiled = tuple(_Matcher(policy, statement) for statement in policy.statements)
        self._match_actions = tuple((one, _actions(one.statement)) for one in compiled)
        self._by_action: dict[str, tuple[tuple[_Matcher, ...], tuple[_Matcher, ...]]] = {}

    def denies(self, facts: Facts) -> Iterator[Match]:
        """The Deny statements that are about a request, or may be."""
        for one in self._about(facts)[1]:
            match = one.match(facts)
            if match is not None:
                yield match

    def allows(self, facts: Facts) -> Iterator[Match]:
        """The Allow statements that are about a request, or may be."""
        for one in self._about(facts)[0]:
            match = one.match(facts)
            if match is not None:
                yield match

    def _about(self, facts: Facts) -> tuple[tuple[_Matcher, ...], tuple[_Matcher, ...]]:
        found = self._by_action.get(facts.action)
        if found is None:
            if len(self._by_action) >= _KNOWN_ACTIONS:
                self._by_action.clear()
            listing = [one for one, actions in self._match_actions if _lists(actions, one.statement, facts)]
            found = self._by_action[facts.action] = (
                tuple(one for one in listing if one.statement.effect is Effect.ALLOW),
                tuple(one for one in listing if one.statement.effect is Effect.DENY),
            )
        return found


def _actions(statement: Statement) -> Patterns:
    return Patterns(statement.actions or statement.not_actions or (), variables=False)


def _lists(actions: Patterns, statement: Statement, facts: Facts) -> bool:
    found = actions.matches(facts.action, facts) is True
    return found if statement.actions is not None else not found


_MATCHERS: WeakKeyDictionary[Policy, PolicyMatcher] = WeakKeyDictionary()


def matcher_of(policy: Policy) -> PolicyMatcher:
    """The compiled form of a policy, made once and kept as long as the policy."""
    found = _MATCHERS.get(policy)
    if found is None:
        found = _MATCHERS[policy] = PolicyMatcher(policy)
    return found
