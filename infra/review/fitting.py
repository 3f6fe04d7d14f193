"""Makes a text fit in so many characters: what matters most is kept, and what is left out is counted and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that is said in full, in short, or not at all.

    Args:
        rank: How much it matters: the smallest number the most. Up to `URGENT` it is said in full before others are
            said in short.
        full: In full.
        short: In short; the same where there is no shorter way.
    """

    rank: int
    full: str
    short: str


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the text.

    Args:
        head: What is always said.
        items: What is said if it fits, in the order of the text.
        what: What the items are, for the line that counts those which are left out.
    """

    head: str
    items: tuple[Item, ...] = ()
    what: str = "entries"


#: The last rank of what must be read.
URGENT = 1

_SEPARATOR = "\n\n"


def fitted(sections: Sequence[Section], most: int, elsewhere: str) -> str:
    """The text of the sections.

    What is urgent is said in full as far as it fits, then everything in short, then in full, what matters most first.

    Args:
        sections: The parts, whose heads together are shorter than `most`.
        most: The most characters.
        elsewhere: Where everything is, for the lines that count what is left out.
    """
    fixed = [section.head for section in sections]
    reserved = [_left_out(len(section.items), section.what, elsewhere) for section in sections if section.items]
    room = most - sum(len(text) + len(_SEPARATOR) for text in (*fixed, *reserved))
    places = [(section, place) for section in range(len(sections)) for place in range(len(sections[section].items))]
    places.sort(key=lambda each: sections[each[0]].items[each[1]].rank)
    urgent = [place for place in places if sections[place[0]].items[place[1]].rank <= URGENT]
    said: dict[tuple[int, int], str] = {}
    for batch in (urgent, places):
        for whole in (False, True):
            for section, place in batch:
                item = sections[section].items[place]
                before = said.get((section, place))
                text = item.full if whole else item.short
                cost = len(text) + len(_SEPARATOR) if before is None else len(text) - len(before)
                if (before is not None) is whole and cost <= room:
                    room -= cost
                    said[section, place] = text
    parts: list[str] = []
    for number, section in enumerate(sections):
        parts.append(section.head)
        parts += [said[number, place] for place in range(len(section.items)) if (number, place) in said]
        missing = sum((number, place) not in said for place in range(len(section.items)))
        if missing:
            parts.append(_left_out(missing, section.what, elsewhere))
    return _SEPARATOR.join(part for part in parts if part) + "\n"


def _left_out(count: int, what: str, elsewhere: str) -> str:
    return f"_{count:,} more {what} are left out here: {elsewhere}._"
