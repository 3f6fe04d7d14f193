"""The context keys that policies mention: in their conditions, and in their policy variables."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from infra.evaluator.document import Policy
from infra.evaluator.glob import Template
from infra.evaluator.policies import Applicable

_KEYS: WeakKeyDictionary[Policy, frozenset[str]] = WeakKeyDictionary()


def keys_of(policy: Policy) -> frozenset[str]:
    """The context keys that a policy mentions, in lower case; read once and kept as long as the policy."""
    found = _KEYS.get(policy)
    if found is None:
        found = _KEYS[policy] = frozenset(_keys(policy))
    return found


def keys_in(policies: Applicable) -> frozenset[str]:
    """The context keys that any policy of a question mentions, in lower case."""
    return frozenset[str]().union(*map(keys_of, policies.documents()))


def _keys(policy: Policy) -> Iterator[str]:
    for statement in policy.statements:
        texts = [*(statement.resources or ()), *(statement.not_resources or ())]
        for condition in statement.conditions:
            yield condition.key
            texts.extend(condition.values)
        for text in texts if policy.has_variables else ():
            if "${" in text:
                yield from (variable.name for variable in Template.parse(text, variables=True).variables)
