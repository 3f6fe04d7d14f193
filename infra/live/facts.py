"""The records that the proof judges: what is live, under the names of the stacks that have it, and what was not read.

A resource of a type that the audit does not read is taken from the stacks' state, so that nothing that a tenant's roles
could reach is missing; the report says of which types. Of a resource whose owner's tag is not as its stack has it, the
stack's word counts: who strips a tag does not free what bore it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from infra.live.differences import Comparison
from infra.live.kinds import identities
from infra.live.reading import Live
from infra.planned import UNKNOWN
from infra.proof.facts import Owners, Record, Source
from infra.proof.facts.owners import OWNER_TAG
from infra.proof.facts.tags import tags_of

_PROVIDER = "pulumi:providers:aws"
#: How the engine writes a value that is not known.
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
#: What a user may do is in the user's policies; a key adds nothing.
_NOT_JUDGED = frozenset({identities.ACCESS_KEY})


@dataclass(frozen=True)
class Facts:
    """What the proof judges.

    Args:
        records: All records.
        owners: Whose things are whose tag is not as their stack has it.
        from_state: Types that were not read to how many of their resources were taken from the state.
    """

    records: tuple[Record, ...]
    owners: Owners
    from_state: Mapping[str, int]


def facts(declared: Iterable[Record], live: Live, comparison: Comparison) -> Facts:
    """Join an account with the stacks' state.

    Args:
        declared: What all stacks have, in one form.
        live: The account.
        comparison: Of these two.
    """
    provider = _provider(live)
    given = tuple(declared)
    stacks = {id(after): before for before, after in comparison.pairs}
    judged = [each for each in live.records if each.type not in _NOT_JUDGED]
    there = [_named(each, stacks.get(id(each)), provider) for each in judged]
    # Stacks of one template have their resources in one order, by which the proof tells that they are alike.
    places = {each.source.urn: place for place, each in enumerate(given)}
    there.sort(key=lambda each: places.get(each.source.urn, len(given)))
    rest = [each for each in given if each.type not in live.tokens]
    return Facts(
        records=(provider, *there, *(_named(each, None, provider) for each in comparison.beside), *rest),
        owners=Owners(dict(_strays(comparison))),
        from_state=Counter(each.type for each in rest if each.type.startswith("aws:") and each.custom),
    )


def exports(records: Iterable[Record]) -> dict[str, bytes]:
    """The records as ``pulumi stack export`` would write them, by stack.

    Args:
        records: What the proof judges.
    """
    stacks: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        stacks[record.source.stack].append(_state(record))
    return {
        stack: json.dumps({"version": 3, "deployment": {"resources": resources}}).encode()
        for stack, resources in stacks.items()
    }


def _provider(live: Live) -> Record:
    """Says the account and the Region of all that no stack has."""
    urn = f"urn:pulumi:{live.account}::live::{_PROVIDER}::aws"
    accounts = {"allowedAccountIds": json.dumps([live.account]), "region": live.region}
    return Record(_PROVIDER, accounts, Source(f"live/{live.account}", urn))


def _named(record: Record, stated: Record | None, provider: Record) -> Record:
    if stated is not None:
        return replace(record, source=stated.source, provider=stated.provider)
    project, _, stack = record.source.stack.partition("/")
    urn = f"urn:pulumi:{stack}::{project}::{record.type}::{record.id}"
    return replace(record, source=Source(record.source.stack, urn), provider=provider.source.urn)


def _strays(comparison: Comparison) -> Iterable[tuple[str, str]]:
    for before, after in comparison.pairs:
        old, new = (tags_of(each)[0].get(OWNER_TAG) for each in (before, after))
        arn = after.text("arn")
        if old is not None and old != new and arn is not None:
            yield arn, old


def _state(record: Record) -> dict[str, Any]:
    source = record.source
    position = f"project:///{source.file}#{source.line}" if source.file else None
    return {
        "urn": source.urn,
        "type": record.type,
        "custom": record.custom,
        "external": record.external,
        "id": record.id or "",
        "outputs": _plain(record.properties),
        "provider": f"{record.provider}::live" if record.provider else "",
        **({"sourcePosition": position} if position else {}),
    }


def _plain(value: object) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("list[object]", value)]
    return value
