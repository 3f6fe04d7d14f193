"""Every guard of a policy document, removed one at a time: what comes out allows more, or denies less, than it should.

The guards are read off the document, so that one that is added tomorrow is removed tomorrow too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from infra import naming
from infra.policies.document import ANYONE, PolicyDocument, Principal, Statement
from tests.isolation.broken.blueprint import ACME, PLATFORM, SUSPENDED

#: What ends the name of an owner or stage in a pattern: without it the pattern covers names that extend it.
_NAMES = "|".join((ACME.id, SUSPENDED.id, naming.PLATFORM, PLATFORM.stage))
_TERMINATOR = re.compile(rf"(?<=[-/])(?P<name>{_NAMES}|\$\{{[^}}]+\}})(?P<end>[-/])(?=\*)")
_POSITIVE = re.compile(r"(?P<quantifier>For(?:All|Any)Values?:)?(?P<family>String|Arn)(?:Equals|Like)(?:IfExists)?")
_NEGATIVE = re.compile(r"(?P<quantifier>For(?:All|Any)Values?:)?(?P<family>String|Arn)Not(?:Equals|Like)(?:IfExists)?")
#: A pattern of all ARNs, in the form that the operators on ARNs compare: part by part.
_ANY_ARN = "arn:*:*:*:*:*"


@dataclass(frozen=True)
class Broken:
    """A document without one of its guards.

    Args:
        guard: The statement and what was done to it.
        policy: What is left.
        actions: Globs of the actions on which the two may differ.
    """

    guard: str
    policy: PolicyDocument
    actions: tuple[str, ...]


def without_each_guard(policy: PolicyDocument) -> Iterator[Broken]:
    """The document without each of its guards, one at a time."""
    for place, statement in enumerate(policy.statements):
        before, after = policy.statements[:place], policy.statements[place + 1 :]
        for what, changed in _weaker(statement):
            kept = () if changed is None else (changed,)
            yield Broken(
                guard=f"{statement.sid}: {_short(what)}",
                policy=PolicyDocument((*before, *kept, *after)),
                actions=_touched(statement, changed),
            )


def _touched(statement: Statement, changed: Statement | None) -> tuple[str, ...]:
    """The actions on which a statement and what is made of it may differ: those left out, or all that it lists."""
    left_out = set(statement.actions) - set(changed.actions if changed else ())
    return tuple(sorted(left_out)) or statement.actions or ("*",)


def _short(text: str) -> str:
    """The text without what all ARNs of the blueprint have in common."""
    return (
        text.replace(f"{PLATFORM.region}:{PLATFORM.account}:", "")
        .replace(f":{PLATFORM.account}:", "")
        .replace("arn:aws:", "")
    )


def _weaker(statement: Statement) -> Iterator[tuple[str, Statement | None]]:
    """The statement made to deny less or to allow more, in every way; None where it is gone."""
    if statement.effect == "Deny":
        yield "without the denial", None
        yield from _shorter(statement, "actions")
        yield from _shorter(statement, "resources")
        yield from _wider(statement, "not_actions")
        yield from _wider(statement, "not_resources")
    else:
        yield from _shorter(statement, "not_actions")
        yield from _wider(statement, "resources")
        yield from _principals(statement)
    yield from _conditions(statement)


def _shorter(statement: Statement, element: str) -> Iterator[tuple[str, Statement]]:
    """Each entry of a list left out, where others stay."""
    listed: tuple[str, ...] = getattr(statement, element)
    if len(listed) > 1:
        for entry in listed:
            kept = tuple(other for other in listed if other != entry)
            yield f"{element} without {entry}", replace(statement, **{element: kept})


def _wider(statement: Statement, element: str) -> Iterator[tuple[str, Statement]]:
    """Each entry of a list covering more: everything, names that extend it."""
    listed: tuple[str, ...] = getattr(statement, element)
    for place, entry in enumerate(listed):
        for what, wide in _wider_texts(entry, "*"):
            changed = (*listed[:place], wide, *listed[place + 1 :])
            yield f"{element} {entry} {what}", replace(statement, **{element: changed})


def _wider_texts(text: str, everything: str) -> Iterator[tuple[str, str]]:
    if text in {"*", everything}:
        return
    yield "as everything", everything
    for found in _TERMINATOR.finditer(text):
        yield f"without the {found['end']} after {found['name']}", text[: found.start("end")] + text[found.end("end") :]
    if text.startswith("arn:") and not text.endswith("*"):
        yield "as a prefix", f"{text}*"


def _principals(statement: Statement) -> Iterator[tuple[str, Statement]]:
    if statement.principal is None:
        return
    if statement.principal != ANYONE:
        yield "for everybody", replace(statement, principal=ANYONE)
    root = Principal(aws=(naming.account_root_arn(PLATFORM),))
    if statement.principal.aws and statement.principal not in (ANYONE, root):
        yield "for the account", replace(statement, principal=root)


# Conditions


def _conditions(statement: Statement) -> Iterator[tuple[str, Statement]]:
    for operator, keys in statement.conditions.items():
        for key, values in keys.items():
            listed = (values,) if isinstance(values, str) else tuple(values)
            without = _with(statement, operator, key, None)
            yield f"without {operator} {key}", without
            for what, changed_operator, changed in _weaker_values(statement.effect, operator, listed):
                yield f"{operator} {key} {what}", _with(without, changed_operator, key, changed)


def _weaker_values(effect: str, operator: str, listed: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Comparisons that hold more often in an Allow and less often in a Deny."""
    loosening = _POSITIVE if effect == "Allow" else _NEGATIVE
    tightening = _NEGATIVE if effect == "Allow" else _POSITIVE
    if found := loosening.fullmatch(operator):
        wild = f"{found['quantifier'] or ''}{found['family']}{'Not' if loosening is _NEGATIVE else ''}Like"
        everything = _ANY_ARN if found["family"] == "Arn" else "*"
        for place, value in enumerate(listed):
            for what, wide in _wider_texts(value, everything):
                yield f"{value} {what}", wild, (*listed[:place], wide, *listed[place + 1 :])
        if effect == "Allow" and found["quantifier"] == "ForAnyValue:":
            yield "for all values", operator.replace("ForAnyValue:", "ForAllValues:"), listed
    elif tightening.fullmatch(operator) and len(listed) > 1:
        for value in listed:
            yield f"without {value}", operator, tuple(other for other in listed if other != value)


def _with(statement: Statement, operator: str, key: str, values: tuple[str, ...] | None) -> Statement:
    """The statement with other values of one key of an operator, or without the key for None."""
    conditions: dict[str, Mapping[str, str | Sequence[str]]] = {
        name: dict(keys) for name, keys in statement.conditions.items()
    }
    keys = {name: value for name, value in conditions.get(operator, {}).items() if name != key}
    if values is not None:
        if key in conditions.get(operator, {}):
            raise ValueError(f"{statement.sid} compares {key} by {operator} already")
        keys[key] = values
    conditions = {**conditions, operator: keys}
    return replace(statement, conditions={name: kept for name, kept in conditions.items() if kept})
