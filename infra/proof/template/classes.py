"""Classes: tenants that are the same but for their names, so that what is proven of a few holds for all of them.

A word is a tenant's name, and can be another tenant's instead, if nobody else has it, it means nothing to the proof,
and no pattern names a part of it that would tell it from the other. See the package for why that is enough.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from infra.proof.template.forms import Form
from infra.proof.template.words import is_uuid, vocabulary

#: So many tenants of a class stand for it: who asks, whose resource it is, and a third one whose endpoint they use.
STANDING_FOR_ALL = 3
#: What a name can stand for: one of its kind.
_WORD, _UUID = 0, 1


@dataclass(frozen=True, slots=True)
class Class:
    """Tenants whose facts differ in their names only.

    Args:
        digest: Of what they have in common.
        tenants: Their ids, in order.
        names: The names of each, in the order of the form: what is at one place in two of them corresponds.
    """

    digest: bytes
    tenants: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]

    @property
    def representatives(self) -> tuple[str, ...]:
        """Those that stand for all."""
        return self.tenants[:STANDING_FOR_ALL]


def classes(forms: Mapping[str, Form], shared: Iterable[Form]) -> tuple[Class, ...]:
    """The classes of all tenants, by their first tenants.

    Args:
        forms: The form of every tenant.
        shared: The forms of what is shared, and of what is told beside the facts: their words are nobody's names.
    """
    names = _Names(forms, list(shared))
    members: dict[bytes, list[str]] = defaultdict(list)
    own: dict[str, tuple[str, ...]] = {}
    for tenant in sorted(forms):
        kept, named = names.told_apart(tenant)
        members[forms[tenant].digest + msgspec.msgpack.encode(kept)].append(tenant)
        own[tenant] = named
    return tuple(
        Class(digest, tuple(tenants), {tenant: own[tenant] for tenant in tenants})
        for digest, tenants in members.items()
    )


class _Names:
    """Which words are names, and what tells two names apart."""

    def __init__(self, forms: Mapping[str, Form], shared: list[Form]) -> None:
        every = [*forms.values(), *shared]
        flags = [any(one.flags[place] for one in every) for place in range(len(every[0].flags))] if every else []
        self._lengths, self._glued, self._splits, self._caseless, self._reads_tags = flags or [False] * 5
        seen: set[str] = set()
        meaningful: set[str] = set()
        self._forms, self._lowered = forms, dict[str, list[str]]()
        self._spelled: dict[str, str] = {}
        for tenant, form in forms.items():
            listed = self._lowered[tenant] = [word.lower() for word in form.words]
            self._spelled.update(zip(listed, form.words, strict=True))
            lowered = set(listed)
            if len(lowered) < len(listed):
                meaningful |= _twice(listed)
            meaningful |= seen & lowered
            seen |= lowered
        self._common = {word.lower() for form in shared for word in form.words}
        self._common.update(word.lower() for form in every for word in form.fixed)
        meaningful |= self._common
        self._begins = _lowered(form.begins for form in every)
        self._ends = _lowered(form.ends for form in every)
        meaningful.update(_halves(word for form in every for word in form.words if "-" in word))
        opens, before = ({mark for one in every for mark in found(one)} for found in (_opens, _before))
        self._splits |= not opens.isdisjoint(before)
        # With values beside halves of words, and tags that are read as numbers, no word can stand for another.
        candidates = set[str]() if self._glued or self._reads_tags else seen - meaningful
        inside = _lowered(form.inside for form in every)
        parts = sorted({part for piece in _lowered(form.parts for form in every) for part in piece.split("-")})
        self._kinds = self._told_apart(candidates, inside, parts)

    def told_apart(self, tenant: str) -> tuple[list[object], tuple[str, ...]]:
        """The words of a tenant that are no names, each at its place, with what tells names apart; and the names."""
        words, lowered, kinds = self._forms[tenant].words, self._lowered[tenant], self._kinds
        kept: list[object] = [kinds.get(low, word) for low, word in zip(lowered, words, strict=True)]
        return kept, tuple(word for low, word in zip(lowered, words, strict=True) if low in kinds)

    def _told_apart(self, candidates: set[str], inside: list[str], parts: list[str]) -> dict[str, object]:
        """The names that no pattern names a part of, each with what tells it from others: beginnings and ends."""
        candidates = candidates - self._unsafe_beginnings(candidates, inside)
        begun, ended = _by_beginning(candidates, self._begins), _by_ending(candidates, self._ends)
        cut = {word for word in candidates for piece in inside if piece in word} if inside else set[str]()
        cut |= begun.keys() & ended.keys()
        cut.update(word for word in candidates if is_uuid(word) and (self._splits or _is_split(word, parts)))
        names = candidates - cut
        kinds: dict[str, object] = {word: _UUID if is_uuid(word) else _WORD for word in names}
        for word in names & (begun.keys() | ended.keys()):
            pieces, spelled = begun.get(word, ended.get(word, ())), self._spelled[word]
            # A name is one tenant's and spelled in one way, and most patterns tell letters from capitals.
            cuts = (spelled[: len(piece)] if word in begun else spelled[len(word) - len(piece) :] for piece in pieces)
            kinds[word] = (kinds[word], *("" if piece == spelled else piece for piece in cuts))
        if self._lengths or self._caseless:
            for word in names:
                kinds[word] = (kinds[word], len(word) * self._lengths, any(map(str.isalpha, word)) and self._caseless)
        return kinds

    def _unsafe_beginnings(self, candidates: set[str], inside: list[str]) -> set[str]:
        """Names that a pattern asks for as the beginning of a word, unless it is the beginning of nothing else.

        Such a name is renamed in all words that begin with it, so there must be none that is known.
        """
        own = candidates.intersection(self._begins)
        if not own or self._ends or inside or self._caseless:
            return own
        known = sorted(vocabulary().union(*self._lowered.values(), self._common))
        return {word for word in own if _is_beginning(word, known)}


def _is_beginning(word: str, listed: Sequence[str]) -> bool:
    """Whether another word of a sorted list begins with one."""
    at = bisect_right(listed, word)
    return at < len(listed) and listed[at].startswith(word)


def _opens(form: Form) -> tuple[str, ...]:
    return form.opens


def _before(form: Form) -> tuple[str, ...]:
    return form.before


def _twice(lowered: Iterable[str]) -> set[str]:
    """What is more than once in a list."""
    seen: set[str] = set()
    return {word for word in lowered if word in seen or seen.add(word)}


def _halves(uuids: Iterable[str]) -> Iterable[str]:
    """The parts of UUIDs; a name that is one of them could be put where it would make a UUID."""
    return (part for uuid in uuids for part in uuid.lower().split("-"))


def _lowered(groups: Iterable[Iterable[str]]) -> list[str]:
    return sorted({word.lower() for group in groups for word in group})


def _by_beginning(words: Iterable[str], pieces: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The words that begin with some pieces, with those pieces."""
    found: dict[str, tuple[str, ...]] = {}
    listed = sorted(words) if pieces else []
    for piece in pieces:
        at = bisect_left(listed, piece)
        while at < len(listed) and listed[at].startswith(piece):
            found[listed[at]] = (*found.get(listed[at], ()), piece)
            at += 1
    return found


def _by_ending(words: Iterable[str], pieces: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found = _by_beginning([word[::-1] for word in words] if pieces else [], [piece[::-1] for piece in pieces])
    return {word[::-1]: ("", *(piece[::-1] for piece in those)) for word, those in found.items()}


def _is_split(uuid: str, pieces: Iterable[str]) -> bool:
    return any(part.startswith(piece) or part.endswith(piece) for part in uuid.split("-") for piece in pieces)
