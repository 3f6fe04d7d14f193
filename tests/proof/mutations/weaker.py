"""One statement made to allow more, or to deny less, in each of the ways in which people get policies wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from tests.proof.mutations.mutants import Edit, Mutant, Place, Statement, statements

#: What ends a tenant's id in a name; without it a pattern covers the names of ids that extend it.
_ENDED = re.compile(r"(?P<id>(?<=bh-dev-)(?:acmeeu|acme|globex)|(?<=/dev/)(?:acmeeu|acme|globex))[-/].*")
_NEGATED = {
    "StringEquals": "StringNotEquals",
    "StringLike": "StringNotLike",
    "ArnLike": "ArnNotLike",
    "ArnEquals": "ArnNotEquals",
    "NumericLessThan": "NumericGreaterThanEquals",
}
_OPPOSITE = _NEGATED | {negated: plain for plain, negated in _NEGATED.items()}
_STRANGER = "arn:aws:iam::123456789012:role/bulkhead/dev/globex/bh-dev-globex-training"


def single_mutants(places: Sequence[Place]) -> Iterator[Mutant]:
    """Each document with one statement weakened in one way."""
    for place in places:
        listed = list(statements(place))
        for at, statement in enumerate(listed):
            for kind, what, changed in weaker(statement):
                kept = [*listed[:at], *([] if changed is None else [changed]), *listed[at + 1 :]]
                if kept:
                    name = f"{place}, {statement['Sid']}: {what}"
                    yield Mutant(name, kind, (Edit.document(place, kept),))


def weaker(statement: Statement) -> Iterator[tuple[str, str, Statement | None]]:
    """The kind, what was done, and what is left of a statement; None where nothing is."""
    denies = statement["Effect"] == "Deny"
    if denies:
        yield "drop a deny", "without the denial", None
        yield from _fewer_actions(statement)
    else:
        yield from _wider_resources(statement)
        yield from _principals(statement)
    yield from _conditions(statement, denies=denies)


def with_value(statement: Statement, key: str, value: object) -> Statement:
    """A statement with another value of an element; without the element for None."""
    kept = {name: each for name, each in statement.items() if name != key}
    return kept if value is None else {**kept, key: value}


def listed(value: object) -> list[str]:
    """A value that may be one text or a list of them."""
    return [value] if isinstance(value, str) else list(cast("Sequence[str]", value))


def unended(text: str) -> str | None:
    """A pattern that ends after a tenant's id; None where it has none."""
    found = _ENDED.search(text)
    return text[: found.end("id")] + "*" if found else None


def _wider_resources(statement: Statement) -> Iterator[tuple[str, str, Statement]]:
    resources = listed(statement.get("Resource", "*"))
    if resources == ["*"]:
        return
    yield "widen a resource", "on everything", with_value(statement, "Resource", "*")
    open_ended = [unended(each) or each for each in resources]
    if open_ended != resources:
        yield "un-terminate a prefix", "on ids that extend it", with_value(statement, "Resource", open_ended)


def _fewer_actions(statement: Statement) -> Iterator[tuple[str, str, Statement]]:
    actions = listed(statement["Action"])
    if len(actions) > 1:
        half = actions[: len(actions) // 2]
        yield "drop a deny", "of half of its actions", with_value(statement, "Action", half)
    elif actions == ["s3:*"]:
        some = ["s3:Get*", "s3:List*", "s3:PutObject"]
        yield "drop a deny", "of Get, List and Put only", with_value(statement, "Action", some)


def _principals(statement: Statement) -> Iterator[tuple[str, str, Statement]]:
    principal = statement.get("Principal")
    if principal is None or principal == "*":
        return
    yield "add a principal", "for everybody", with_value(statement, "Principal", "*")
    named = cast("Mapping[str, Any]", principal)
    more = {**named, "AWS": [*listed(named.get("AWS", [])), _STRANGER]}
    yield "add a principal", "for another tenant's role", with_value(statement, "Principal", more)


def _conditions(statement: Statement, *, denies: bool) -> Iterator[tuple[str, str, Statement]]:
    conditions = cast("Mapping[str, Mapping[str, Any]]", statement.get("Condition", {}))
    if conditions and not denies:
        yield "drop a condition", "without its conditions", with_value(statement, "Condition", None)
    for operator, keys in conditions.items():
        for key, value in keys.items():
            rest = _without(conditions, operator, key)
            if not denies and len(conditions) + len(keys) > 2:
                yield "drop a condition", f"without {operator} {key}", _with(statement, rest)
            if operator in _OPPOSITE:
                changed = _joined(rest, _OPPOSITE[operator], key, value)
                yield "change an operator", f"{_OPPOSITE[operator]} of {key}", _with(statement, changed)
            if not denies and operator.startswith("ForAnyValue:"):
                loose = _joined(rest, operator.replace("ForAnyValue:", "ForAllValues:"), key, value)
                yield "change an operator", f"ForAllValues of {key}", _with(statement, loose)
            if not denies and operator in ("StringEquals", "ArnLike") and not key.startswith("kms:"):
                lax = _joined(rest, f"{operator}IfExists", key, value)
                yield "change an operator", f"{operator}IfExists of {key}", _with(statement, lax)
            loose_operator = _like(operator, denies=denies)
            open_ended = [unended(each) or each for each in listed(value)]
            if loose_operator and open_ended != listed(value):
                changed = _joined(rest, loose_operator, key, open_ended)
                yield "un-terminate a prefix", f"{key} of ids that extend it", _with(statement, changed)


def _like(operator: str, *, denies: bool) -> str | None:
    """The operator in which wildcards count, where more matches weaken the statement."""
    weakening = ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike") if denies else tuple(_NEGATED)[:4]
    return operator.replace("Equals", "Like") if operator in weakening else None


def _without(conditions: Mapping[str, Mapping[str, Any]], operator: str, key: str) -> dict[str, dict[str, Any]]:
    kept = {
        name: {each: value for each, value in keys.items() if (name, each) != (operator, key)}
        for name, keys in conditions.items()
    }
    return {name: keys for name, keys in kept.items() if keys}


def _joined(conditions: Mapping[str, dict[str, Any]], operator: str, key: str, value: object) -> dict[str, Any]:
    return {**conditions, operator: {**conditions.get(operator, {}), key: value}}


def _with(statement: Statement, conditions: Mapping[str, Any]) -> Statement:
    return with_value(statement, "Condition", dict(conditions) or None)
