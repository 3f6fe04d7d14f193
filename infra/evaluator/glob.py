"""Patterns of the policy language: text with the wildcards ``*`` and ``?`` and with policy variables in it.

Source: IAM User Guide, "IAM policy elements: Variables and tags" and "IAM JSON policy elements: Resource".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

Matcher = Callable[[str], bool]

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAME_AND_DEFAULT = re.compile(r"\s*(?P<name>[^,'\s]+)\s*,\s*'(?P<default>[^']*)'\s*")
_WILDCARD = re.compile(r"([*?])")


class Wildcard(Enum):
    """A character of a pattern that stands for others."""

    MANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable.

    Args:
        name: The context key, in lower case.
        default: What it stands for if the request has no such key; None without a default.
    """

    name: str
    default: str | None = None


#: A pattern whose variables are resolved: literal texts and wildcards.
Pattern = tuple[str | Wildcard, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A pattern as it is written in a policy.

    Args:
        tokens: Literal texts, wildcards and variables in order.
    """

    tokens: tuple[str | Wildcard | Variable, ...]

    @classmethod
    def parse(cls, text: str, *, variables: bool, wildcards: bool = True) -> Template:
        """Read a text of a policy.

        Args:
            text: The text.
            variables: Whether ``${...}`` is a variable: only in documents of version 2012-10-17.
            wildcards: Whether ``*`` and ``?`` stand for other characters.
        """
        return cls(tuple(_tokens(text, variables=variables, wildcards=wildcards)))

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The variables in it."""
        return tuple(token for token in self.tokens if isinstance(token, Variable))

    def resolve(self, value_of: Callable[[str], str | None]) -> Pattern | None:
        """Put values in the place of variables; ``*`` and ``?`` within a value are literal.

        Args:
            value_of: The value of a context key, in lower case; None if the request has none.

        Returns:
            The pattern, or None if a variable has neither a value nor a default.
        """
        resolved: list[str | Wildcard] = []
        for token in self.tokens:
            if isinstance(token, Variable):
                value = value_of(token.name)
                if value is None:
                    value = token.default
                if value is None:
                    return None
                resolved.append(value)
            else:
                resolved.append(token)
        return tuple(resolved)


def glob(text: str) -> Matcher:
    """The matcher of a text with wildcards and without variables."""
    return matcher(tuple(_plain(text, wildcards=True)))


def _tokens(text: str, *, variables: bool, wildcards: bool) -> Iterable[str | Wildcard | Variable]:
    end = 0
    if variables:
        for found in _VARIABLE.finditer(text):
            yield from _plain(text[end : found.start()], wildcards=wildcards)
            yield _variable(found[1])
            end = found.end()
    yield from _plain(text[end:], wildcards=wildcards)


def _plain(text: str, *, wildcards: bool) -> Iterable[str | Wildcard]:
    for part in _WILDCARD.split(text) if wildcards else (text,):
        if part:
            yield Wildcard(part) if wildcards and part in "*?" else part


def _variable(inner: str) -> str | Variable:
    if inner in ("*", "?", "$"):
        return inner
    if found := _NAME_AND_DEFAULT.fullmatch(inner):
        return Variable(found["name"].lower(), found["default"])
    return Variable(inner.strip().lower())


@lru_cache(maxsize=16384)
def matcher(pattern: Pattern, *, within_segments: bool = False) -> Matcher:
    """Compile a pattern to a function that tells whether it matches a whole text.

    Args:
        pattern: The pattern.
        within_segments: Whether a wildcard matches no ``:``, except a ``*`` that ends a segment of an ARN, which may.
            Source: IAM User Guide, "IAM JSON policy elements: Resource", Using wildcards in resource ARNs.
    """
    joined = _joined(pattern)
    if not any(isinstance(token, Wildcard) for token in joined):
        literal = "".join(token for token in joined if isinstance(token, str))
        return literal.__eq__
    if joined == (Wildcard.MANY,):
        return lambda _: True
    if len(joined) == 2 and isinstance(joined[0], str) and joined[1] is Wildcard.MANY:
        prefix = joined[0]
        return lambda text: text.startswith(prefix)
    if within_segments:
        return lambda text: _matches_within_segments(joined, text)
    fullmatch = re.compile(_expression(joined), re.DOTALL).fullmatch
    return lambda text: fullmatch(text) is not None


def any_matcher(patterns: Iterable[Pattern]) -> Matcher:
    """Compile patterns to one function that tells whether any of them matches a whole text."""
    literals: set[str] = set()
    prefixes: list[str] = []
    others: list[Matcher] = []
    for pattern in map(_joined, patterns):
        match pattern:
            case ():
                literals.add("")
            case (str(text),):
                literals.add(text)
            case (Wildcard.MANY,):
                prefixes.append("")
            case (str(prefix), Wildcard.MANY):
                prefixes.append(prefix)
            case _:
                others.append(matcher(pattern))
    return _any_of(frozenset(literals), tuple(prefixes), tuple(others))


def _any_of(literals: frozenset[str], prefixes: tuple[str, ...], others: tuple[Matcher, ...]) -> Matcher:
    if not prefixes and not others:
        return literals.__contains__

    def matches(text: str) -> bool:
        if text in literals or text.startswith(prefixes):
            return True
        for fits in others:  # noqa: SIM110 - a generator costs as much as what it asks
            if fits(text):
                return True
        return False

    return matches


def may_cross_segments(pattern: Pattern) -> bool:
    """Whether the two readings of wildcards in `matcher` differ for a pattern."""
    joined = _joined(pattern)
    return any(isinstance(token, Wildcard) and not _ends_segment(joined, place) for place, token in enumerate(joined))


def _joined(pattern: Pattern) -> Pattern:
    """The pattern with neighbouring texts in one piece and runs of ``*`` as one."""
    joined: list[str | Wildcard] = []
    for token in pattern:
        last = joined[-1] if joined else None
        if isinstance(token, str) and isinstance(last, str):
            joined[-1] = last + token
        elif not (token is Wildcard.MANY and last is Wildcard.MANY):
            joined.append(token)
    return tuple(joined)


def _ends_segment(pattern: Sequence[str | Wildcard], place: int) -> bool:
    if pattern[place] is not Wildcard.MANY:
        return False
    following = pattern[place + 1] if place + 1 < len(pattern) else ":"
    return isinstance(following, str) and following.startswith(":")


def _matches_within_segments(pattern: Pattern, text: str) -> bool:
    """Whether a pattern matches a text if wildcards stay within segments; time is bounded by text times pattern."""
    ends = {0}
    for place, token in enumerate(pattern):
        if isinstance(token, str):
            ends = {end + len(token) for end in ends if text.startswith(token, end)}
        elif token is Wildcard.ONE:
            ends = {end + 1 for end in ends if end < len(text) and text[end] != ":"}
        elif not ends:
            return False
        elif _ends_segment(pattern, place):
            ends = set(range(min(ends), len(text) + 1))
        else:
            ends = {reached for end in ends for reached in range(end, _segment_end(text, end) + 1)}
    return len(text) in ends


def _segment_end(text: str, start: int) -> int:
    end = text.find(":", start)
    return len(text) if end < 0 else end


def _expression(pattern: Pattern) -> str:
    """A regular expression for a pattern, whose time is bounded by text times pattern: nothing is tried twice.

    After each ``*`` the next piece without one is taken where it is found first and never given back (an atomic group),
    which is enough, because the next ``*`` takes any rest. Only the last piece is anchored at the end.
    """
    pieces: list[str] = [""]
    for token in pattern:
        if token is Wildcard.MANY:
            pieces.append("")
        else:
            pieces[-1] += re.escape(token) if isinstance(token, str) else "."
    if len(pieces) == 1:
        return pieces[0]
    first, *middle = pieces[:-1]
    return "".join((first, *(f"(?>.*?{piece})" for piece in middle), ".*", pieces[-1]))
