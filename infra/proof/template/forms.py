"""The form of a tenant: everything that the proof reads of it, with its own words taken out and kept aside.

Two tenants with the same form differ in their words only. Each word that means nothing to the proof is replaced by its
place in the order of first use; which of these words may be renamed is decided when all tenants are known: see
`classes`.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from infra.evaluator.grammar import text as grammar_text
from infra.evaluator.grammar.sizes import limit_of, size
from infra.proof.facts import Document
from infra.proof.facts.model import LONGEST_DOCUMENT
from infra.proof.template.boundaries import Cuts
from infra.proof.template.documents import Reading
from infra.proof.template.words import is_account, is_uuid, split, vocabulary

_UUID = 36
#: No character of a text has more bytes in UTF-8.
_MOST_BYTES = 4
_Item = str | int | bool | None | list[str | int]


class Form(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of a tenant's words.

    Args:
        digest: Of everything that the proof reads, with the words replaced by their places.
        words: The words, each once, in the order of first use.
        fixed: Those of all its words that have a meaning somewhere in it.
        begins: Beginnings of words that its patterns ask for; these, and the next five: see `boundaries.Cuts`.
        ends: Ends of words.
        inside: Insides of words.
        parts: Parts of UUIDs.
        opens: What stands before values that can be the beginning of a UUID.
        before: What stands before UUIDs.
        flags: Whether its patterns count characters, put unwritten values beside halves of words, or beside hyphens;
            whether a condition ignores case; whether one reads tags as numbers.
    """

    digest: bytes
    words: tuple[str, ...]
    fixed: tuple[str, ...]
    begins: tuple[str, ...]
    ends: tuple[str, ...]
    inside: tuple[str, ...]
    parts: tuple[str, ...]
    opens: tuple[str, ...]
    before: tuple[str, ...]
    flags: tuple[bool, ...]


class _Places(dict[str, str | int]):
    """Words to their places; a word of the vocabulary stays itself."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        super().__init__((word, place) for place, word in enumerate(words))
        self.words = list(self)

    def __missing__(self, word: str) -> str | int:
        if word.lower() in vocabulary() or is_account(word):
            self[word] = word
            return word
        place = self[word] = len(self.words)
        self.words.append(word)
        return place


class Read(msgspec.Struct, frozen=True):
    """What was found in a document, with words replaced by their places."""

    fixed: tuple[str | int, ...]
    begins: tuple[str | int, ...]
    ends: tuple[str | int, ...]
    inside: tuple[str | int, ...]
    parts: tuple[str | int, ...]
    opens: tuple[str, ...]
    before: tuple[str, ...]
    flags: tuple[bool, ...]


class Writer:
    """Takes in the facts of one tenant, item by item, and makes its form.

    Args:
        known: What was found in documents of other tenants, by their forms; documents of this one are added.
        before: A form to go on with; nothing but names and meanings can be added then.
    """

    def __init__(self, known: dict[bytes, Read] | None = None, before: Form | None = None) -> None:
        self._known = known if known is not None else {}
        self._places = _Places(before.words if before is not None else ())
        self._items: list[_Item] = [before.digest.hex()] if before is not None else []
        self._texts: dict[str, list[str | int]] = {}
        self._documents: dict[tuple[str | None, str, str | None], int] = {}
        self._reading = Reading()
        self._meant: set[str] = set()
        self._cuts = Cuts()
        self._flags: tuple[bool, ...] = (False,) * 5
        if before is not None:
            self._take(Read(*msgspec.structs.astuple(before)[2:]))

    def meaning(self, text: str | bool | int | None) -> None:
        """A value whose words all have a meaning."""
        self._items.append(text)
        if isinstance(text, str) and text not in self._meant:
            self._meant.add(text)
            self._reading.meaning(text)

    def name(self, text: str | None) -> None:
        """A text that may hold names; a pattern where it has wildcards."""
        if text is None:
            self._items.append(None)
            return
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = self._taken_apart(text)
            self._reading.pattern(text)
        self._items.append(known)

    def names(self, texts: Iterable[str]) -> None:
        """Texts that may hold names, in their order."""
        listed = list(texts)
        self._items.append(len(listed))
        for text in listed:
            self.name(text)

    def document(self, document: Document) -> None:
        """The text of a policy, once; later only that it is the same."""
        key = (document.text, document.kind, document.service)
        before = self._documents.setdefault(key, len(self._documents))
        self._items.append(before)
        if before < len(self._documents) - 1 or document.text is None:
            self._items.append(document.text is None)
            return
        apart = self._taken_apart(document.text)
        self._items.append(_exceeds(document))
        self._items.append(apart)
        encoded = msgspec.msgpack.encode(apart)
        read = self._known.get(encoded)
        if read is None:
            read = self._read(document.text)
            if _places(read) <= set(apart):
                self._known[encoded] = read
        self._take(read)

    def form(self) -> Form:
        """The form of all that was taken in."""
        self._take(self._packed(self._reading))
        fixed = tuple(sorted(word for word in self._cuts.fixed if isinstance(self._places[word], int)))
        return Form(
            digest=blake2b(msgspec.msgpack.encode(self._items), digest_size=20).digest(),
            words=tuple(self._places.words),
            fixed=fixed,
            begins=tuple(sorted(self._cuts.begins)),
            ends=tuple(sorted(self._cuts.ends)),
            inside=tuple(sorted(self._cuts.inside)),
            parts=tuple(sorted(self._cuts.parts)),
            opens=tuple(sorted(self._cuts.opens)),
            before=tuple(sorted(self._cuts.before)),
            flags=self._flags,
        )

    def _taken_apart(self, text: str) -> list[str | int]:
        pieces = split(text)
        for place, piece in enumerate(pieces):
            if len(piece) == _UUID and is_uuid(piece):
                self._cuts.before.add(pieces[place - 1][-1:].strip('"'))
        apart: list[str | int] = [*pieces]
        apart[1::2] = map(self._places.__getitem__, pieces[1::2])
        return apart

    def _read(self, text: str) -> Read:
        reading = Reading()
        reading.document(text)
        return self._packed(reading)

    def _packed(self, reading: Reading) -> Read:
        cuts = reading.cuts
        return Read(
            *(tuple(map(self._places.__getitem__, sorted(one))) for one in _sets(cuts)),
            opens=tuple(sorted(cuts.opens)),
            before=(),
            flags=(cuts.lengths, cuts.glued, cuts.splits_uuids, reading.ignores_case, reading.reads_tags),
        )

    def _take(self, read: Read) -> None:
        found = (read.fixed, read.begins, read.ends, read.inside, read.parts)
        for mine, theirs in zip(_sets(self._cuts), found, strict=True):
            mine.update(self._places.words[one] if isinstance(one, int) else one for one in theirs)
        self._cuts.opens.update(read.opens)
        self._cuts.before.update(read.before)
        self._flags = tuple(mine or theirs for mine, theirs in zip(self._flags, read.flags, strict=True))


def _places(read: Read) -> set[str | int]:
    """The places in what was found: in a document that writes letters as escapes, words that its text does not show."""
    found = (read.fixed, read.begins, read.ends, read.inside, read.parts)
    return {one for those in found for one in those if isinstance(one, int)}


def _sets(cuts: Cuts) -> tuple[set[str], ...]:
    return cuts.fixed, cuts.begins, cuts.ends, cuts.inside, cuts.parts


def _exceeds(document: Document) -> str | bool:
    """Whether AWS would refuse a document for its length; the lengths of names decide about that.

    The text itself stands for what cannot be read: it is like no other.
    """
    text, limit = document.text or "", limit_of(document.kind, document.service)
    if len(text) > LONGEST_DOCUMENT:
        return True
    most = len(text) if text.isascii() else len(text) * _MOST_BYTES
    if limit is None or most <= limit.most:
        return False
    try:
        return size(grammar_text.read(text), limit.counted) > limit.most
    except grammar_text.Unreadable:
        return text
