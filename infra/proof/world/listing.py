"""Which actions statements list, and policies with some statements left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from weakref import WeakKeyDictionary

from infra.evaluator.document import Policy, Statement
from infra.evaluator.glob import Matcher, Template, any_matcher
from infra.evaluator.kinds import Effect

_PERMISSIVE: WeakKeyDictionary[Policy, Policy] = WeakKeyDictionary()


def lists(statement: Statement, action: str) -> bool:
    """Whether a statement is about an action, given in lower case."""
    if statement.actions is not None:
        return _matcher(statement.actions)(action)
    return statement.not_actions is None or not _matcher(statement.not_actions)(action)


def lists_any(statement: Statement, actions: tuple[str, ...]) -> bool:
    """Whether a statement is about any of some actions, given in lower case."""
    return _any(statement.actions, statement.not_actions, actions)


def allowing(policies: Iterable[Policy], *actions: str) -> Iterator[Statement]:
    """The statements that allow any of some actions, given in lower case, under some condition or none."""
    for policy in policies:
        for statement in policy.statements:
            if statement.effect is Effect.ALLOW and lists_any(statement, actions):
                yield statement


def without_denies(policy: Policy) -> Policy:
    """A policy with its allowing statements only; the same for the same policy."""
    found = _PERMISSIVE.get(policy)
    if found is None:
        kept = tuple(one for one in policy.statements if one.effect is Effect.ALLOW)
        found = _PERMISSIVE[policy] = replace(policy, statements=kept)
    return found


@lru_cache(maxsize=16384)
def _any(listed: tuple[str, ...] | None, left_out: tuple[str, ...] | None, actions: tuple[str, ...]) -> bool:
    if listed is not None:
        return any(map(_matcher(listed), actions))
    return left_out is None or not all(map(_matcher(left_out), actions))


@lru_cache(maxsize=16384)
def _matcher(texts: tuple[str, ...]) -> Matcher:
    patterns = (Template.parse(text, variables=False).resolve(lambda _: None) for text in texts)
    return any_matcher(pattern for pattern in patterns if pattern is not None)
