"""Patterns as sequences of symbols, one a character of text: what the automaton of `texts` walks through."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from itertools import zip_longest

from infra.evaluator.glob import Pattern, Wildcard
from infra.proof.atoms.errors import NotModelled

#: The character that separates the segments of an ARN.
COLON = ":"
#: The colons of an ARN that separate its six parts.
_COLONS = 5


class Stand(Enum):
    """A symbol that stands for other characters."""

    ONE = auto()
    MANY = auto()
    #: As ``ONE``, but no colon.
    ONE_WITHIN = auto()
    #: As ``MANY``, but no colon.
    MANY_WITHIN = auto()


#: A symbol that is a text stands for one of its characters.
Shape = tuple[str | Stand, ...]

ANYTHING: Shape = (Stand.MANY,)
#: Every ARN: six parts, the last of which may have colons.
ARN: Shape = (*"arn:", *(Stand.MANY_WITHIN, COLON) * (_COLONS - 1), Stand.MANY)

_WITHIN = {Wildcard.ONE: Stand.ONE_WITHIN, Wildcard.MANY: Stand.MANY_WITHIN}
_ANYWHERE = {Wildcard.ONE: Stand.ONE, Wildcard.MANY: Stand.MANY}


def widely(pattern: Pattern) -> Shape:
    """The reading in which wildcards match every character."""
    return tuple(_ANYWHERE[symbol] if isinstance(symbol, Wildcard) else symbol for symbol in _symbols(pattern))


def ignoring_case(pattern: Pattern) -> Shape:
    """As `widely`, each letter in either case.

    Raises:
        NotModelled: the pattern has letters outside ASCII, of which some have more than two cases.
    """
    return tuple(_cases(symbol) if isinstance(symbol, str) else symbol for symbol in widely(pattern))


def within_segments(pattern: Pattern) -> Shape:
    """The reading of resources in which a wildcard matches no colon, except a ``*`` that ends a segment.

    Source: IAM User Guide, "IAM JSON policy elements: Resource", Using wildcards in resource ARNs.
    """
    symbols = tuple(_symbols(pattern))
    return tuple(_in_segment(symbols, place) for place in range(len(symbols)))


def by_parts(pattern: Pattern) -> Shape:
    """The reading of ARN operators: each of an ARN's six parts is compared on its own.

    Source: IAM User Guide, "Condition operators", ARN condition operators.
    """
    symbols = tuple(_symbols(pattern))
    colons = [place for place, symbol in enumerate(symbols) if symbol == COLON]
    if len(colons) < _COLONS:
        return widely(pattern)
    last = colons[_COLONS - 1]
    return tuple(
        (_WITHIN if place < last else _ANYWHERE)[symbol] if isinstance(symbol, Wildcard) else symbol
        for place, symbol in enumerate(symbols)
    )


def may_overlap(one: Shape, other: Shape) -> bool:
    """Whether some text may match both: False only if they begin or end with different characters."""
    return _alike(one, other) and _alike(one[::-1], other[::-1])


def _alike(one: Shape, other: Shape) -> bool:
    for mine, its in zip_longest(one, other):
        if isinstance(mine, Stand) or isinstance(its, Stand):
            return True
        if mine is None or its is None or not set(mine) & set(its):
            return False
    return True


def _symbols(pattern: Pattern) -> Iterator[str | Wildcard]:
    last: str | Wildcard | None = None
    for token in pattern:
        for symbol in (token,) if isinstance(token, Wildcard) else token:
            if not (symbol is Wildcard.MANY and last is Wildcard.MANY):
                yield symbol
            last = symbol


def _in_segment(symbols: tuple[str | Wildcard, ...], place: int) -> str | Stand:
    symbol = symbols[place]
    if not isinstance(symbol, Wildcard):
        return symbol
    ends = place + 1 == len(symbols) or symbols[place + 1] == COLON
    return Stand.MANY if symbol is Wildcard.MANY and ends else _WITHIN[symbol]


def _cases(letter: str) -> str:
    if not letter.isascii():
        raise NotModelled(f"a comparison that ignores the case of {letter!r}, a letter outside ASCII")
    return "".join(sorted({letter.lower(), letter.upper()}))
