"""Writes a statement of a compiled policy as people know it, so that a decision can be read beside what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from infra.evaluator.catalogue.actions import action
from infra.evaluator.document import Policy, PrincipalName, Statement

_written: WeakKeyDictionary[Policy, dict[int, Mapping[str, Any]]] = WeakKeyDictionary()


def quote(policy: Policy, index: int) -> Mapping[str, Any]:
    """One statement as JSON, kept as long as its policy.

    Args:
        policy: The policy.
        index: The statement's place in it, from 0.
    """
    statements = _written.setdefault(policy, {})
    if index not in statements:
        statements[index] = _as_json(policy.statements[index])
    return statements[index]


def _as_json(statement: Statement) -> Mapping[str, Any]:
    elements = {
        "Sid": statement.sid,
        "Effect": statement.effect.value,
        "Principal": _principals(statement.principals),
        "NotPrincipal": _principals(statement.not_principals),
        "Action": _actions(statement.actions),
        "NotAction": _actions(statement.not_actions),
        "Resource": _one_or_list(statement.resources),
        "NotResource": _one_or_list(statement.not_resources),
        "Condition": _conditions(statement),
    }
    return {name: value for name, value in elements.items() if value is not None}


def _principals(names: Sequence[PrincipalName] | None) -> Any:
    if names is None:
        return None
    grouped: dict[str, list[str]] = {}
    for name in names:
        grouped.setdefault(name.type, []).append(name.value)
    return {kind: _one_or_list(values) for kind, values in grouped.items()}


def _actions(globs: Sequence[str] | None) -> Any:
    return None if globs is None else _one_or_list([_spelt(glob) for glob in globs])


def _spelt(glob: str) -> str:
    """The action in AWS's spelling; compiled policies have theirs in lower case. Patterns stay as they are."""
    service, _, name = glob.partition(":")
    found = action(service, name)
    return found.full_name if found else glob


def _conditions(statement: Statement) -> Any:
    operators: dict[str, dict[str, Any]] = {}
    for condition in statement.conditions:
        operators.setdefault(condition.operator, {})[condition.key] = _one_or_list(condition.values)
    return operators or None


def _one_or_list(values: Sequence[str] | None) -> Any:
    if values is None:
        return None
    return values[0] if len(values) == 1 else list(values)
