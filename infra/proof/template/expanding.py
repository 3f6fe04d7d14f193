"""From the report on the tenants that stand for others to the report on all: each finding holds for all pairs alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar, cast

import msgspec

from infra.proof.report import Finding, NotModelledType, Report, UnknownFact
from infra.proof.template.classes import Class
from infra.proof.template.words import split, words

#: So many findings are told of those that differ in names only; the others are counted.
MOST_ALIKE = 25

_Told = TypeVar("_Told", Finding, UnknownFact)
_Pair = tuple[str | None, str | None]


class Expansion:
    """Tells for all tenants what was found of those that stand for them.

    Args:
        classes: The classes of all tenants.
        standing: Class by class the tenants that were looked at, with their names; in the order of the classes.
    """

    def __init__(self, classes: Iterable[Class], standing: Iterable[Mapping[str, tuple[str, ...]]]) -> None:
        self._class_of: dict[str, Class] = {}
        self._standing: dict[str, tuple[str, ...]] = {}
        self._stood_for: dict[bytes, tuple[str, ...]] = {}
        self._named: dict[str, str] = {}
        for one, looked_at in zip(classes, standing, strict=True):
            self._stood_for[one.digest] = tuple(looked_at)
            self._standing.update(looked_at)
            for tenant, names in looked_at.items():
                self._class_of[tenant] = one
                if one.tenants != tuple(looked_at):
                    self._named.update(dict.fromkeys(names, tenant))

    def findings(self, found: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
        """For each finding of which others are copies, those copies, and how many pairs of tenants it holds for."""
        groups: dict[tuple[object, ...], dict[_Pair, list[Finding]]] = {}
        for one in found:
            pair = one.from_, one.to
            key = (one.claim, self._kind(one.from_), self._kind(one.to), one.from_ == one.to)
            groups.setdefault(key, {}).setdefault(pair, []).append(one)
        for of_pairs in groups.values():
            first = min(of_pairs, key=self._rank)
            for one in of_pairs[first]:
                yield one, self._count(first)

    def copies(self, one: Finding) -> Iterator[Finding]:
        """A finding for every pair of tenants that it holds for, its own first."""
        for from_, to in self._pairs((one.from_, one.to)):
            yield self._renamed(one, {one.from_: from_, one.to: to})

    def pairs(self, found: Iterable[Finding]) -> Iterator[_Pair]:
        """Every pair of tenants that some finding holds for."""
        for one, _ in self.findings(found):
            yield from self._pairs((one.from_, one.to))

    def report(self, report: Report, tenants: tuple[str, ...], seconds: float) -> Report:
        """The report on all tenants.

        Args:
            report: What was found of those that stand for all.
            tenants: All.
            seconds: How long it took.
        """
        return msgspec.structs.replace(
            report,
            tenants=tenants,
            pairs=len(tenants) * (len(tenants) - 1),
            seconds=round(seconds, 3),
            findings=tuple(self._told(report.findings)),
            unknown=tuple(dict.fromkeys(each for one in report.unknown for each in self._facts(one))),
            not_modelled=tuple(self._types(report.not_modelled)),
        )

    def _told(self, found: Iterable[Finding]) -> Iterator[Finding]:
        for one, count in self.findings(found):
            rest = f" (the same holds for {count:,} pairs; {MOST_ALIKE} of them are told)" if count > MOST_ALIKE else ""
            yield from islice(self.copies(msgspec.structs.replace(one, reason=one.reason + rest)), MOST_ALIKE)

    def _facts(self, one: UnknownFact) -> Iterator[UnknownFact]:
        """What is not known, of every tenant that it is not known of."""
        about = self._about(f"{one.urn} {one.why}")
        if about is None:
            yield one
        elif self._is_first(about):
            for tenant in self._class_of[about].tenants:
                yield self._renamed(one, {about: tenant})

    def _types(self, found: Iterable[NotModelledType]) -> Iterator[NotModelledType]:
        for one in found:
            facts = [UnknownFact(urn=urn, property=one.type, why="") for urn in one.urns]
            urns = tuple(dict.fromkeys(each.urn for fact in facts for each in self._facts(fact)))
            yield msgspec.structs.replace(one, urns=urns)

    def _about(self, text: str) -> str | None:
        """The only tenant of several alike whose names are in a text."""
        found = {self._named[word] for word in words(text) if word in self._named}
        return found.pop() if len(found) == 1 else None

    def _kind(self, owner: str | None) -> object:
        return self._class_of[owner].digest if owner in self._class_of else owner

    def _rank(self, pair: _Pair) -> tuple[int, ...]:
        return tuple(
            self._stood_for[self._class_of[one].digest].index(one) if one in self._class_of else 0 for one in pair
        )

    def _is_first(self, tenant: str) -> bool:
        return self._stood_for[self._class_of[tenant].digest][0] == tenant

    def _alike(self, owner: str | None) -> tuple[str | None, ...]:
        """The tenants that one stands for, itself first if it is still there."""
        if owner not in self._class_of:
            return (owner,)
        tenants = self._class_of[owner].tenants
        return tuple(sorted(tenants, key=lambda one: one != owner))

    def _pairs(self, pair: _Pair) -> Iterator[_Pair]:
        from_, to = pair
        if from_ == to:
            yield from ((one, one) for one in self._alike(from_))
            return
        same = self._kind(from_) == self._kind(to)
        for one in self._alike(from_):
            for other in self._alike(to):
                if not same or one != other:
                    yield one, other

    def _count(self, pair: _Pair) -> int:
        from_, to = (len(self._alike(one)) for one in pair)
        if pair[0] == pair[1]:
            return from_
        return from_ * (to - 1 if self._kind(pair[0]) == self._kind(pair[1]) else to)

    def _renamed(self, one: _Told, tenants: Mapping[str | None, str | None]) -> _Told:
        """The same of other tenants of the same classes; who else is in it gives way to them."""
        names: dict[str, str] = {}
        for before, after in self._permuted(tenants).items():
            if before != after:
                own = self._class_of[before].names
                names.update(zip(self._standing[before], own.get(after, self._standing.get(after, ())), strict=True))
        if not names:
            return one
        return msgspec.convert(_with_names(msgspec.to_builtins(one), names), type(one))

    def _permuted(self, tenants: Mapping[str | None, str | None]) -> dict[str, str]:
        found = {
            before: after
            for before, after in tenants.items()
            if before is not None and after is not None and before in self._class_of
        }
        taken, free = set(found.values()), [one for one in found if one not in found.values()]
        for other in self._standing:
            if other not in found and other in taken:
                mine = self._class_of[other].digest
                instead = next((one for one in free if self._class_of[one].digest == mine), None)
                if instead is not None:
                    free.remove(instead)
                    found[other] = instead
        return found


def _with_names(value: object, names: Mapping[str, str]) -> object:
    """A value with names in the place of others, in every text of it."""
    if isinstance(value, str):
        apart = split(value)
        apart[1::2] = (names.get(word, word) for word in apart[1::2])
        return "".join(apart)
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {_with_names(key, names): _with_names(inner, names) for key, inner in members.items()}
    if isinstance(value, list | tuple):
        return [_with_names(inner, names) for inner in cast("Sequence[object]", value)]
    return value
