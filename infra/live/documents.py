"""What a policy document says, whichever way it is written: equal for documents that AWS would decide alike.

The evaluator's own reading of a document is taken, without what no decision depends on: the order of statements and of
entries, an entry that is written twice, Sids, and an account's number for its root's ARN.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, cast

from infra.evaluator.compiling import MalformedPolicy, compile_policy
from infra.evaluator.document import Policy, PrincipalName, Statement
from infra.evaluator.kinds import PolicyKind

_ACCOUNT = re.compile(r"\d{12}")


def meaning(document: object, kind: PolicyKind, service: str | None = None) -> Hashable:
    """What a document says; equal for two that say the same.

    Args:
        document: JSON text, or the mapping that such a text stands for.
        kind: Where it is attached.
        service: For a resource's policy, the prefix of the resource's service.
    """
    policy = _compiled(document, kind, service)
    if policy is None:
        return _plain(document)
    return policy.has_variables, frozenset(_statement(each) for each in policy.statements)


def changed(
    before: object, after: object, kind: PolicyKind, service: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The statements that only the first has, and those that only the second has, as JSON texts.

    Args:
        before: A document.
        after: Another.
        kind: Where they are attached.
        service: As for `meaning`.
    """
    old, new = _by_meaning(before, kind, service), _by_meaning(after, kind, service)
    return (
        tuple(text for said, text in old.items() if said not in new),
        tuple(text for said, text in new.items() if said not in old),
    )


def _by_meaning(document: object, kind: PolicyKind, service: str | None) -> Mapping[Hashable, str]:
    policy, written = _compiled(document, kind, service), _read(document)
    if policy is None or not isinstance(written, Mapping):
        return {_plain(document): str(document)}
    listed: object = cast("Mapping[str, object]", written)["Statement"]
    statements = cast("list[object]", listed) if isinstance(listed, list) else [listed]
    return {_statement(each): json.dumps(statements[each.index], sort_keys=True) for each in policy.statements}


def _compiled(document: object, kind: PolicyKind, service: str | None) -> Policy | None:
    if not isinstance(document, str | Mapping):
        return None
    try:
        return compile_policy(cast("str | Mapping[str, Any]", document), kind, service=service)
    except MalformedPolicy:
        return None


def _read(document: object) -> object:
    if not isinstance(document, str):
        return document
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return document


def _plain(document: object) -> str:
    """What is no policy that AWS would take, or none at all: its JSON."""
    return json.dumps(_read(document), sort_keys=True, default=str)


def _statement(statement: Statement) -> Hashable:
    return (
        statement.effect,
        _principals(statement.principals),
        _principals(statement.not_principals),
        *(
            _set(texts)
            for texts in (statement.actions, statement.not_actions, statement.resources, statement.not_resources)
        ),
        frozenset((each.operator.lower(), each.key, frozenset(each.values)) for each in statement.conditions),
    )


def _principals(listed: Iterable[PrincipalName] | None) -> Hashable:
    return None if listed is None else frozenset((each.type, _root(each.value)) for each in listed)


def _root(value: str) -> str:
    return f"arn:aws:iam::{value}:root" if _ACCOUNT.fullmatch(value) else value


def _set(texts: Iterable[str] | None) -> Hashable:
    return None if texts is None else frozenset(texts)
