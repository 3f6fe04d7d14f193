"""Texts that patterns tell apart: for every combination of patterns that one text can match, the shortest such text.

All patterns are walked through at once, as one nondeterministic automaton whose set of states is a number (Shift-And).
Characters that no pattern names behave alike, so that one of them stands for all. Source of the method: G. Navarro,
M. Raffinot, "Flexible Pattern Matching in Strings", section 2.2.2 and chapter 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from infra.proof.atoms.errors import NotModelled
from infra.proof.atoms.shapes import COLON, Shape, Stand

#: So many sets of states are visited at most, and so many bits are kept in them.
_MOST_SETS = 20_000
_MOST_BITS = 400_000_000
_USUAL = "xyzabcdefghijklmnopqrstuvw0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class _Automaton:
    """Patterns side by side: each has one state before every symbol and one at its end, which is a bit of a number."""

    __slots__ = ("_advance", "_any", "_loop", "_loop_within", "_skip", "_within", "ends", "literals", "own", "start")

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._advance: dict[str, int] = {}
        self._any = self._within = self._loop = self._loop_within = self._skip = 0
        self.start = 0
        #: The last state of each pattern.
        self.ends: list[int] = []
        #: All states of each pattern.
        self.own: list[int] = []
        place = 0
        for shape in shapes:
            self.start |= 1 << place
            for offset, symbol in enumerate(shape):
                self._add(symbol, 1 << place + offset)
            self.own.append(((1 << len(shape) + 1) - 1) << place)
            place += len(shape)
            self.ends.append(1 << place)
            place += 1
        self.literals = "".join(sorted(self._advance))
        self.start = self._closed(self.start)

    def _add(self, symbol: str | Stand, state: int) -> None:
        match symbol:
            case Stand.ONE:
                self._any |= state
            case Stand.ONE_WITHIN:
                self._within |= state
            case Stand.MANY:
                self._loop |= state
                self._skip |= state
            case Stand.MANY_WITHIN:
                self._loop_within |= state
                self._skip |= state
            case _:
                for letter in symbol:
                    self._advance[letter] = self._advance.get(letter, 0) | state

    def step(self, states: int, letter: str) -> int:
        """The states after one more character."""
        advance, loop = self._advance.get(letter, 0) | self._any, self._loop
        if letter != COLON:
            advance |= self._within
            loop |= self._loop_within
        return self._closed((states & advance) << 1 | states & loop)

    def awaited(self, states: int) -> list[str]:
        """The characters that some pattern waits for."""
        return [letter for letter, waiting in self._advance.items() if waiting & states]

    def _closed(self, states: int) -> int:
        """With the states that are reached by taking a ``*`` for nothing; no two of them are neighbours."""
        return states | (states & self._skip) << 1


def text_atoms(domain: Shape, shapes: Iterable[Shape]) -> tuple[str, ...]:
    """One text of a domain for every combination of patterns that a text of it can match, the shortest first.

    Args:
        domain: What every text matches.
        shapes: The patterns that tell texts apart.

    Raises:
        NotModelled: there are too many combinations to visit.
    """
    return _atoms((domain, *dict.fromkeys(shapes)))


@lru_cache(maxsize=1024)
def _atoms(shapes: tuple[Shape, ...]) -> tuple[str, ...]:
    """The texts of the first shape that the others tell apart; many questions of an estate have the same patterns."""
    automaton = _Automaton(shapes)
    inside, whole = automaton.own[0], automaton.ends[0]
    told = sum(automaton.ends)
    unnamed = _unnamed(automaton.literals)
    most = min(_MOST_SETS, _MOST_BITS // max(1, sum(automaton.own).bit_length()))
    came: dict[int, tuple[int, str] | None] = {automaton.start: None}
    found: dict[int, int] = {}
    frontier = [automaton.start]
    while frontier:
        following: list[int] = []
        for states in frontier:
            if states & whole:
                found.setdefault(states & told, states)
            for letter in dict.fromkeys((unnamed, *automaton.awaited(states), COLON)):
                reached = automaton.step(states, letter)
                if reached & inside and reached not in came:
                    came[reached] = (states, letter)
                    following.append(reached)
            if len(came) > most:
                raise NotModelled(f"more than {most} combinations of patterns, which is too many to visit")
        frontier = following
    return tuple(_text(came, states) for states in found.values())


def _text(came: dict[int, tuple[int, str] | None], states: int) -> str:
    letters: list[str] = []
    step = came[states]
    while step is not None:
        states, letter = step
        letters.append(letter)
        step = came[states]
    return "".join(reversed(letters))


def _unnamed(literals: str) -> str:
    """A character that no pattern names, one that names of resources may have where there is one."""
    named = {*literals, COLON}
    usual = next((letter for letter in _USUAL if letter not in named), None)
    return usual or next(letter for letter in map(chr, range(0xA1, 0x110000)) if letter not in named)
