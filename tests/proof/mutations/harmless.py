"""Documents written otherwise that say the same, or allow less: whatever was proven of them still holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.proof.mutations.mutants import Edit, Mutant, Place, Statement, statements
from tests.proof.mutations.weaker import listed, with_value

Statements = Sequence[Statement]
_SAME = {
    "StringEquals": "StringLike",
    "ArnLike": "ArnEquals",
    "ArnEquals": "ArnLike",
    "StringNotEquals": "StringNotLike",
}


def reordered(those: Statements) -> Statements:
    """Statements, and the entries of their lists, in the reverse order."""
    return [
        {key: value[::-1] if isinstance(value, list) else value for key, value in one.items()} for one in those[::-1]
    ]


def renamed(those: Statements) -> Statements:
    """Other Sids."""
    return [with_value(one, "Sid", f"Renamed{at}") for at, one in enumerate(those)]


def repeated(those: Statements) -> Statements:
    """Every statement twice."""
    return [*those, *(with_value(one, "Sid", f"{one['Sid']}Again") for one in those)]


def with_another_deny(those: Statements) -> Statements:
    """A denial of what nothing allows."""
    deny = {"Sid": "NoMore", "Effect": "Deny", "Action": "braket:*", "Resource": "*"}
    if any("Principal" in one for one in those):
        deny = {**deny, "Action": listed(those[0]["Action"])[0].partition(":")[0] + ":*", "Principal": "*"}
        deny["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}  # pyright: ignore[reportArgumentType]
    return [*those, deny]


def in_other_case(those: Statements) -> Statements:
    """Actions in capitals: AWS ignores their case."""
    return [with_value(one, "Action", [each.upper() for each in listed(one["Action"])]) for one in those]


def with_equivalent_operators(those: Statements) -> Statements:
    """Operators that differ from others only where there are wildcards, or not even there."""
    return [_with_conditions(one, _equivalent(one.get("Condition", {}))) for one in those]


def narrowed(those: Statements) -> Statements:
    """Allow statements for the first of their actions and resources only."""
    return [
        {**one, **{key: listed(one[key])[0] for key in ("Action", "Resource") if key in one}} if _allows(one) else one
        for one in those
    ]


def only_over_tls(those: Statements) -> Statements:
    """Allow statements under one condition more, which every honest request fulfils."""
    return [
        _with_conditions(one, {**conditions, "Bool": {**conditions.get("Bool", {}), "aws:SecureTransport": "true"}})
        if _allows(one) and (conditions := one.get("Condition", {})) is not None
        else one
        for one in those
    ]


def split(those: Statements) -> Statements:
    """Every statement of several actions as one statement for each."""
    return [
        {**one, "Sid": f"{one['Sid']}{at}", "Action": action}
        for one in those
        for at, action in enumerate(listed(one["Action"]))
    ]


def without_the_last_allow(those: Statements) -> Statements:
    """One permission less."""
    last = max((at for at, one in enumerate(those) if _allows(one)), default=None)
    return [one for at, one in enumerate(those) if at != last]


def with_denials_of_more(those: Statements) -> Statements:
    """Denials of all actions of the services whose actions they deny; topics take no wildcards in theirs."""
    return [one if _allows(one) or one["Action"] == "*" or "sns:" in str(one) else _of_services(one) for one in those]


def _of_services(one: Statement) -> Statement:
    services = {each.partition(":")[0] for each in listed(one["Action"])}
    return with_value(one, "Action", sorted(f"{service}:*" for service in services))


#: The change, and what kind of change it is.
CHANGES: Mapping[str, tuple[str, Callable[[Statements], Statements]]] = {
    "in another order": ("reorder", reordered),
    "with other Sids": ("rename", renamed),
    "every statement twice": ("reorder", repeated),
    "with one denial more": ("add a redundant deny", with_another_deny),
    "actions in capitals": ("equivalent operators", in_other_case),
    "with equivalent operators": ("equivalent operators", with_equivalent_operators),
    "narrowed": ("narrow", narrowed),
    "over TLS only": ("a condition that cannot matter", only_over_tls),
    "one statement an action": ("reorder", split),
    "without its last permission": ("narrow", without_the_last_allow),
    "denying more": ("add a redundant deny", with_denials_of_more),
}


def harmless_mutants(places: Sequence[Place], names: Sequence[str] = tuple(CHANGES)) -> Iterator[Mutant]:
    """Each document changed in each of the ways that change it."""
    for place in places:
        for name in names:
            kind, change = CHANGES[name]
            before = statements(place)
            after = change(before)
            if after and list(after) != list(before):
                yield Mutant(f"{place}: {name}", kind, (Edit.document(place, after),))


def _allows(one: Statement) -> bool:
    return one["Effect"] == "Allow"


def _equivalent(conditions: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for operator, keys in conditions.items():
        wild = "*" in str(keys) or "?" in str(keys)
        other = _SAME.get(operator, operator)
        same = operator if (wild and not operator.startswith("Arn")) or other in conditions else other
        found[same] = keys
    return found


def _with_conditions(one: Statement, conditions: Mapping[str, Any]) -> Statement:
    return with_value(one, "Condition", dict(conditions) or None)
