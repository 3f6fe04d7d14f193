"""What was removed, written as it happens, so that an erasure that is cut off loses nothing of its certificate.

Before a run its inventory is written, and after each removal what became of the thing. A thing that an inventory had,
of which nothing was written and which is gone at the end, was removed in the moment of the interruption.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from infra.erasure.certificate import Thing
from infra.erasure.inventory import Inventory
from infra.erasure.removal import Now, Outcome, Removal, utc_now
from infra.errors import UserError


class Lines(Protocol):
    """Where the journal is kept: in order, and each line as a whole or not at all."""

    def add(self, line: str) -> None:
        """Keep one more line, durably."""
        ...

    def all(self) -> Sequence[str]:
        """All lines, the first that was kept first."""
        ...


class Marked(msgspec.Struct, frozen=True, tag="mark"):
    """That something has begun or happened.

    Args:
        name: What.
        at: When it did for the first time, in UTC, as ISO 8601.
        detail: What is to be remembered of it.
    """

    name: str
    at: str
    detail: str = ""


class Begun(msgspec.Struct, frozen=True, tag="inventory"):
    """An inventory, before something of it is removed.

    Args:
        things: What was there.
        at: When.
    """

    things: tuple[Thing, ...]
    at: str


class Done(msgspec.Struct, frozen=True, tag="removal"):
    """What became of a thing.

    Args:
        removal: What.
    """

    removal: Removal


class Journal:
    """The story of one erasure, over all its runs.

    Args:
        lines: Where it is kept.
        now: The clock.
    """

    def __init__(self, lines: Lines, *, now: Now = utc_now) -> None:
        self._lines = lines
        self._now = now

    def mark(self, name: str, detail: str = "") -> Marked:
        """Remember that something has happened; of what is remembered already, the first time and its detail stay.

        Args:
            name: What.
            detail: What is to be remembered of it.
        """
        if (known := self.marked(name)) is not None:
            return known
        mark = Marked(name, self._now().isoformat(timespec="seconds"), detail)
        self._add(mark)
        return mark

    def marked(self, name: str) -> Marked | None:
        """What is remembered of something; None: it has not happened."""
        return next((each for each in self._entries() if isinstance(each, Marked) and each.name == name), None)

    def began(self) -> datetime | None:
        """When the first inventory was written; None: none was."""
        return next((datetime.fromisoformat(each.at) for each in self._begun()), None)

    def begin(self, *found: Inventory) -> None:
        """Write what is there before anything of it is removed."""
        things = (Thing.of(item) for each in found for item in each.items)
        self._add(Begun(tuple(things), self._now().isoformat(timespec="seconds")))

    def done(self, removal: Removal) -> None:
        """Write what became of a thing."""
        self._add(Done(removal))

    def before(self) -> tuple[Thing, ...]:
        """Everything that any of the inventories had, once; as it was first found."""
        found = {(thing.kind, thing.id): thing for begun in reversed(self._begun()) for thing in reversed(begun.things)}
        return tuple(reversed(found.values()))

    def removed(self, after: Iterable[Inventory]) -> tuple[Removal, ...]:
        """What became of everything: the last word on each thing, in the order in which the last words fell.

        Args:
            after: The inventories at the end.
        """
        last: dict[tuple[str, str], Removal] = {}
        for entry in self._entries():
            if isinstance(entry, Done):
                key = entry.removal.kind, entry.removal.id
                known = last.pop(key, None)
                last[key] = known if known and entry.removal.outcome == "gone" else entry.removal
        there = {(item.kind, item.id) for each in after for item in each.items}
        told = {key for key, removal in last.items() if removal.outcome in ("removed", "scheduled", "gone")}
        for begun in self._begun():
            for thing in begun.things:
                if (thing.kind, thing.id) not in told | there:
                    last[thing.kind, thing.id] = _with(thing, begun.at)
        return tuple(last.values())

    def last_outcome(self, arn: str) -> Outcome | None:
        """What was last said of the thing with an ARN; None: nothing."""
        told = [each.removal for each in self._entries() if isinstance(each, Done) and each.removal.arn == arn]
        return told[-1].outcome if told else None

    def _begun(self) -> list[Begun]:
        return [entry for entry in self._entries() if isinstance(entry, Begun)]

    def _add(self, entry: Begun | Done | Marked) -> None:
        self._lines.add(msgspec.json.encode(entry).decode())

    def _entries(self) -> list[Begun | Done | Marked]:
        entries: list[Begun | Done | Marked] = []
        for number, line in enumerate(self._lines.all(), 1):
            try:
                entries.append(msgspec.json.decode(line, type=Begun | Done | Marked))
            except msgspec.DecodeError as problem:
                raise UserError(
                    f"line {number} is no entry of an erasure's journal: {problem}", "restore the database"
                ) from None
        return entries


def _with(thing: Thing, at: str) -> Removal:
    return Removal(
        kind=thing.kind, id=thing.id, arn=thing.arn, claimed_by=thing.claimed_by, count=thing.count, outcome="removed",
        detail="after an interruption it was not there any more, or went with what held it", at=at,
    )  # fmt: skip
