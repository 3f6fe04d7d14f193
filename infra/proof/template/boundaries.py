"""Where patterns cut words: beside a wildcard or a policy variable a pattern may name the half of a word.

``role/acme/*`` names whole words only; ``role/ac*`` tells words that begin with ``ac`` from others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.proof.template.words import is_uuid, split, words

_OPEN = re.compile(r"\$\{[^{}]*\}|[*?]+")
_HEX = re.compile("[0-9a-fA-F]+")
#: Stands for ``${*}``, ``${?}`` and ``${$}``, which are characters and no variables.
_CHARACTER = "\0"
_ESCAPED = re.compile(r"\$\{[*?$]\}")


@dataclass(slots=True)
class Cuts:
    """How the patterns of a text, of a tenant or of an estate cut words.

    Args:
        begins: Beginnings of words that some pattern asks for.
        ends: Ends of words that some pattern asks for.
        inside: What some pattern asks for anywhere in a word.
        parts: Words beside an open place that may be parts of UUIDs, or UUIDs there.
        opens: What stands before a value that is not written down and that a hyphen and an open place follow.
        before: What stands before UUIDs.
        fixed: Words that cannot be renamed: ends and insides of words, beginnings that could be those of numbers or
            UUIDs, and names of policy variables. Other beginnings can, with all that begins with them: see `classes`.
        lengths: Whether some pattern counts characters.
        glued: Whether some pattern puts a value that is not written down beside the half of a word.
        splits_uuids: Whether some pattern puts such a value after an open place and a hyphen.
    """

    begins: set[str] = field(default_factory=set[str])
    ends: set[str] = field(default_factory=set[str])
    inside: set[str] = field(default_factory=set[str])
    parts: set[str] = field(default_factory=set[str])
    opens: set[str] = field(default_factory=set[str])
    before: set[str] = field(default_factory=set[str])
    fixed: set[str] = field(default_factory=set[str])
    lengths: bool = False
    glued: bool = False
    splits_uuids: bool = False

    def add(self, pattern: str) -> None:
        """Take in the cuts of one pattern, a text with wildcards and policy variables."""
        text = _ESCAPED.sub(_CHARACTER, pattern) if "${" in pattern else pattern
        places = list(_OPEN.finditer(text))
        edges = [0, *(edge for place in places for edge in place.span()), len(text)]
        segments = [text[edges[at] : edges[at + 1]] for at in range(0, len(edges), 2)]
        for number, place in enumerate(places):
            if place[0][0] == "$":
                beside = number > 0 and not segments[number], number + 1 < len(places) and not segments[number + 1]
                self._variable(
                    place[0],
                    segments[number],
                    segments[number + 1],
                    beside_open=any(beside),
                    before_open=number + 1 < len(places),
                )
            else:
                self.lengths |= "?" in place[0] and ("*" not in place[0] or place[0].count("?") > 1)
        for number, segment in enumerate(segments):
            self._segment(segment, after=number > 0, before=number < len(places))

    def _variable(self, variable: str, left: str, right: str, *, beside_open: bool, before_open: bool) -> None:
        """A policy variable between two segments; ``before_open``: after the second is another open place."""
        self.fixed.update(words(variable))
        self.glued |= beside_open or any(one.isascii() and one.isalnum() for one in left[-1:] + right[:1])
        if right == "-" and before_open:
            self.opens.add(left[-1:])
        elif right[:1] == "-":
            self._part(split(right[1:])[:2])
        if left == "-":
            self.splits_uuids = True
        elif left[-1:] == "-":
            self._part(split(left[:-1])[:-3:-1])

    def _segment(self, segment: str, *, after: bool, before: bool) -> None:
        """One literal text; ``after`` an open place, ``before`` one, or both."""
        if not segment or not (after or before):
            return
        pieces = split(segment)
        if len(pieces) == 1:
            return
        first, last = pieces[1], pieces[-2]
        cut_first, cut_last = after and not pieces[0], before and not pieces[-1]
        if cut_first and cut_last and len(pieces) == 3:
            self.inside.add(first)
        else:
            if cut_first:
                self.ends.add(first)
            if cut_last:
                self.begins.add(last)
        if cut_first:
            self.fixed.add(first)
        if cut_last and (_HEX.fullmatch(last) or is_uuid(last)):
            self.fixed.add(last)
        if after and pieces[0] in ("", "-"):
            self._part(("", first))
        if before and pieces[-1] in ("", "-"):
            self._part(("", last))

    def _part(self, beside: Sequence[str]) -> None:
        """A word beside an open place, or beside a hyphen beside one, and what is between: nothing, or it is none."""
        if len(beside) < 2 or beside[0]:
            return
        if _HEX.fullmatch(beside[1]) or is_uuid(beside[1]):
            self.parts.add(beside[1])
