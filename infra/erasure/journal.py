"""What was removed, written as it happens, so that an erasure that is cut off loses nothing of its certificate.

Before a run its inventory is written, and after each removal what became of the thing. A thing that an inventory had,
of which nothing was written and which is gone at the end, was removed in the moment of the interruption.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from infra.erasure.certificate import Thing
from infra.erasure.inventory import Inventory
from infra.erasure.removal import Now, Removal, utc_now
from infra.errors import UserError


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
    """A file to which entries are added, a line each; it is made readable by its owner only.

    Args:
        file: The file; its folder is there.
        now: The clock.
    """

    def __init__(self, file: Path, *, now: Now = utc_now) -> None:
        self._file = file
        self._now = now

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

    def _begun(self) -> list[Begun]:
        return [entry for entry in self._entries() if isinstance(entry, Begun)]

    def _add(self, entry: Begun | Done) -> None:
        line = msgspec.json.encode(entry) + b"\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # What a killed run left of a line is closed, so that this one is a line of its own.
            os.write(descriptor, b"\n" + line if self._torn() else line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _torn(self) -> bool:
        content = self._file.read_bytes()
        return bool(content) and not content.endswith(b"\n")

    def _entries(self) -> list[Begun | Done]:
        lines = self._file.read_bytes().split(b"\n") if self._file.exists() else []
        entries: list[Begun | Done] = []
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entries.append(msgspec.json.decode(line, type=Begun | Done))
            except msgspec.ValidationError as problem:
                raise UserError(
                    f"line {number} is no entry of a journal: {problem}", "restore the file", str(self._file)
                ) from None
            except msgspec.DecodeError:
                continue  # cut off while it was written: the inventory before it tells of the thing
        return entries


def _with(thing: Thing, at: str) -> Removal:
    return Removal(
        kind=thing.kind, id=thing.id, arn=thing.arn, claimed_by=thing.claimed_by, count=thing.count, outcome="removed",
        detail="after an interruption it was not there any more, or went with what held it", at=at,
    )  # fmt: skip
