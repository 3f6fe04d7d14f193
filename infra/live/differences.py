"""What differs between stacks' state and the account: drifted, missing, or there though no stack has it.

A part of something that is missing, or that nobody declared, is not told besides it. What was not to be read is not
compared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from infra.live.compared import TABLE, document_kind, identity, whole_of
from infra.live.documents import changed
from infra.live.expected import EVERYWHERE, Rules
from infra.live.known import Known
from infra.live.reading import Live
from infra.planned import UNKNOWN
from infra.proof.facts import Record
from infra.proof.facts.owners import OWNER_TAG
from infra.proof.facts.tags import tags_of

_LAST_PART = re.compile("[/:]")
_VPC = "aws:ec2/vpc:Vpc"


class DifferenceKind(StrEnum):
    """How the account differs from the stacks."""

    #: A stack has it, and it is otherwise.
    DRIFTED = "drifted"
    #: A stack has it, and it is not there.
    MISSING = "missing"
    #: It is there, and no stack has it.
    UNDECLARED = "undeclared"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that differs.

    Args:
        kind: How.
        type: The type token.
        id: The provider's id: a role's name, a bucket's, an endpoint's.
        owner: Whose it is, by the tag ``tenant``; None where nothing says it.
        stack: The stack that has it, as ``project/stack``; None where none does.
        urn: Its URN there.
        file: The program's file that makes it, where that is known.
        line: The line in that file.
        property: What drifted; None otherwise.
        declared: What the stack has; for a policy, the statements that only its document has.
        live: What AWS has; likewise.
        why: What it is, in a sentence.
    """

    kind: DifferenceKind
    type: str
    id: str
    owner: str | None
    why: str
    stack: str | None = None
    urn: str | None = None
    file: str | None = None
    line: int | None = None
    property: str | None = None
    declared: tuple[str, ...] = ()
    live: tuple[str, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The account against the stacks.

    Args:
        differences: What differs.
        expected: Rules to how many live resources without a stack they let pass.
        pairs: The stacks' records and the live ones of the same resources.
        alike: How many resources are as their stacks have them.
        unused: What the account's owners declare as known and is not there.
        beside: What bears a tenant's tag, and is of a type that the audit does not read, and of no stack.
    """

    differences: tuple[Difference, ...]
    expected: Mapping[str, int] = field(default_factory=dict[str, int])
    pairs: tuple[tuple[Record, Record], ...] = ()
    alike: int = 0
    unused: tuple[str, ...] = ()
    beside: tuple[Record, ...] = ()


def compare(
    declared: Iterable[Record], live: Live, *, known: Known | None = None, tenants: frozenset[str] = frozenset()
) -> Comparison:
    """What differs.

    Args:
        declared: What all stacks have, in one form (`canonical`).
        live: The account.
        known: What the account's owners declare.
        tenants: Only what is these owners', or nobody's, is told; empty for all.
    """
    given = tuple(declared)
    stated = {identity(each): each for each in given if _is_compared(each, live)}
    vpcs = [each.id for each in given if each.type == _VPC and each.id]
    there = {identity(each): each for each in live.records if each.type in TABLE}
    hidden = _Hidden(live)
    rules = Rules(stated, vpcs, known or Known({}))
    pairs = tuple((stated[key], there[key]) for key in stated if key in there)
    drifted = [each for before, after in pairs for each in _drifted(before, after, _owner(before, stated))]
    missing = [
        _missing(stated[key], _owner(stated[key], stated))
        for key in _roots(stated, there)
        if not hidden.covers(stated[key], key)
    ]
    expected: Counter[str] = Counter()
    undeclared: list[Difference] = []
    for key in _roots(there, stated):
        why = rules.why(there[key])
        if why is None:
            undeclared.append(_undeclared(there[key], stated, len(_parts_of(key, there))))
        else:
            expected[why] += 1
    beside = tuple(_beside(given, live))
    undeclared += [_undeclared(each, stated, 0) for each in beside if rules.why(each) is None]
    told = [*drifted, *missing, *undeclared]
    return Comparison(
        differences=tuple(each for each in told if not tenants or each.owner in (*tenants, None)),
        expected={**live.skipped, **expected},
        pairs=pairs,
        alike=len(pairs) - len({(each.type, each.id) for each in drifted}),
        unused=tuple(rules.unused()),
        beside=beside,
    )


def _is_compared(record: Record, live: Live) -> bool:
    return record.type in TABLE and record.type in live.tokens and record.custom and not record.external


def _beside(declared: Iterable[Record], live: Live) -> Iterator[Record]:
    """What bears a tenant's tag, and nothing else tells of.

    Some services write an ARN in more than one way, so its last part, which is an id or a name, counts too.
    """
    known = (*declared, *live.records)
    names = {name for each in known for name in (each.id, each.text("arn")) if name}
    names |= live.left_out
    for each in live.tagged:
        arn = str(each.text("arn"))
        if arn not in names and _LAST_PART.split(arn)[-1] not in names:
            yield each


class _Hidden:
    """What was not to be read, and so cannot be told to be missing."""

    def __init__(self, live: Live) -> None:
        self._whole = {each.token for each in live.hidden if not each.resource}
        self._of = {(each.token, each.resource) for each in live.hidden if each.resource}

    def covers(self, record: Record, key: tuple[str, ...]) -> bool:
        whole = whole_of(record)
        if record.type in self._whole or (whole is not None and whole[0] in self._whole):
            return True
        return any(token == record.type and resource in (*key, *(whole or ())) for token, resource in self._of)


def _roots(among: Mapping[tuple[str, ...], Record], without: Container[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """What only the first has, without the parts of what only the first has."""
    for key, record in among.items():
        whole = whole_of(record)
        if key not in without and (whole is None or whole not in among or whole in without or whole in EVERYWHERE):
            yield key


def _parts_of(key: tuple[str, ...], among: Mapping[tuple[str, ...], Record]) -> list[Record]:
    return [each for each in among.values() if whole_of(each) == key]


def _drifted(before: Record, after: Record, owner: str | None) -> Iterator[Difference]:
    for name, normal in TABLE[before.type].properties.items():
        old, new = _property(before, name), _property(after, name)
        if old is UNKNOWN or new is UNKNOWN or normal(old) == normal(new):
            continue
        declared, live = _said(before.type, name, old, new)
        source = before.source
        yield Difference(
            kind=DifferenceKind.DRIFTED,
            type=before.type,
            id=_id(before),
            owner=owner,
            stack=source.stack,
            urn=source.urn,
            file=source.file,
            line=source.line,
            property=name,
            declared=declared,
            live=live,
            why=f"its {name} is not as the stack has it: bring the stack up, or refresh it if the change is meant",
        )


def _property(record: Record, name: str) -> object:
    return (
        record.properties.get("tagsAll", record.properties.get("tags"))
        if name == "tags"
        else record.properties.get(name)
    )


def _said(token: str, name: str, old: object, new: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    kind = document_kind(token, name)
    if kind is not None:
        return changed(old, new, *kind)
    return _text(old), _text(new)


def _text(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str),)


def _missing(record: Record, owner: str | None) -> Difference:
    source = record.source
    return Difference(
        kind=DifferenceKind.MISSING,
        type=record.type,
        id=_id(record),
        owner=owner,
        stack=source.stack,
        urn=source.urn,
        file=source.file,
        line=source.line,
        why="the stack has it and the account does not: refresh the stack, then bring it up",
    )


def _undeclared(record: Record, stated: Mapping[tuple[str, ...], Record], parts: int) -> Difference:
    whole = stated.get(_whole(record))
    of = f" on {_id(whole)}, which {whole.source.stack} has" if whole else ""
    besides = f", with {parts} parts of its own" if parts else ""
    return Difference(
        kind=DifferenceKind.UNDECLARED,
        type=record.type,
        id=_id(record),
        owner=_owner(record, stated),
        live=_gives(record),
        why=f"no stack has it{of}{besides}: remove it, put it into a stack, or declare it as known",
    )


def _gives(record: Record) -> tuple[str, ...]:
    """What matters of an undeclared resource: its policies, or to whom it gives what."""
    named = ("policy", "resourcePolicy", "policyDocument", "assumeRolePolicy", "policyArn", "granteePrincipal")
    return tuple(
        text for key in (*named, "operations", "status") for text in _text(record.properties.get(key)) if text != "null"
    )


def _id(record: Record) -> str:
    if record.id:
        return record.id
    return ":".join(identity(record)[1:])


def _whole(record: Record) -> tuple[str, ...]:
    return (whole_of(record) or ()) if record.type in TABLE else ()


def _owner(record: Record, stated: Mapping[tuple[str, ...], Record]) -> str | None:
    """Whose a record's resource is: by its tag, or by that of what it is a part of."""
    whole = stated.get(_whole(record))
    own = tags_of(record)[0].get(OWNER_TAG)
    return own or (tags_of(whole)[0].get(OWNER_TAG) if whole else None)
