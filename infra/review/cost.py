"""What a change costs a month more or less: the fixed charges of a stack before and after, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.pricing import CostLine, estimate
from infra.proof.facts import Record
from infra.review.model import CostChange


@dataclass(frozen=True, kw_only=True)
class Costs:
    """The fixed costs of a stack.

    Args:
        before: As deployed, in US dollars a month.
        after: As planned, likewise.
        changes: The charges that differ, or that cannot be told.
        notes: Which prices these are, and what they are not.
    """

    before: float
    after: float
    changes: tuple[CostChange, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Priced:
    type: str
    name: str
    properties: Mapping[str, Any]


def compared(before: Iterable[Record], after: Iterable[Record], *, region: str) -> Costs:
    """The costs of a stack as it is and as it would be.

    Args:
        before: What is deployed.
        after: What is planned.
        region: Where it is.
    """
    old, new = (estimate(map(_priced, records), region=region) for records in (before, after))
    was, will = _by_charge(old.lines), _by_charge(new.lines)
    changes = [
        CostChange(
            resource=key[1],
            item=(will.get(key) or was[key]).item,
            before=was[key].usd_month if key in was else 0.0,
            after=will[key].usd_month if key in will else 0.0,
            note=(will.get(key) or was[key]).note,
        )
        for key in dict.fromkeys([*was, *will])
        if _differs(was.get(key), will.get(key))
    ]
    changes.sort(key=lambda one: (-abs(one.usd_month), one.resource, one.item))
    # A line that is not in the sum is told as a change where it is one; of the others the stack's own inventory tells.
    notes = tuple(note for note in new.notes if not note.startswith("not in the sum"))
    return Costs(before=old.usd_month, after=new.usd_month, changes=tuple(changes), notes=notes)


def _priced(record: Record) -> _Priced:
    return _Priced(type=record.type, name=record.source.urn.rpartition("::")[2], properties=record.properties)


def _by_charge(lines: Iterable[CostLine]) -> dict[tuple[str, str, str, int], CostLine]:
    """The lines of a resource are told apart by what is charged, and several of the same by their number."""
    found: dict[tuple[str, str, str, int], CostLine] = {}
    for line in lines:
        number = 0
        while (line.type, line.resource, line.item, number) in found:
            number += 1
        found[line.type, line.resource, line.item, number] = line
    return found


def _differs(before: CostLine | None, after: CostLine | None) -> bool:
    if before is None or after is None:
        return True
    return (before.quantity, before.unit_price) != (after.quantity, after.unit_price)
