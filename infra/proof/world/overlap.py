"""Whether two patterns can have a text in common, by how they begin and end: never no where they have one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from infra.evaluator.glob import Template


class Ends(NamedTuple):
    """How a pattern begins and ends.

    Args:
        begin: What comes before its first wildcard or variable; all of it where there is none.
        end: What comes after the last; all of it where there is none.
        is_open: Whether there is one.
    """

    begin: str
    end: str
    is_open: bool


@lru_cache(maxsize=16384)
def ends_of(text: str, *, variables: bool = False) -> Ends:
    """How a pattern begins and ends.

    Args:
        text: The pattern.
        variables: Whether ``${...}`` is a variable in it.
    """
    tokens = Template.parse(text, variables=variables).tokens
    texts = [token for token in tokens if isinstance(token, str)]
    if len(texts) == len(tokens):
        whole = "".join(texts)
        return Ends(whole, whole, is_open=False)
    first, last = tokens[0], tokens[-1]
    return Ends(first if isinstance(first, str) else "", last if isinstance(last, str) else "", is_open=True)


def may_meet(one: Ends, other: Ends) -> bool:
    """Whether two patterns can have a text in common."""
    if not one.is_open and not other.is_open:
        return one.begin == other.begin
    shorter, longer = sorted((one, other), key=lambda each: len(each.begin))
    begins = longer.begin.startswith(shorter.begin) and (shorter.is_open or shorter.begin == longer.begin)
    return begins and ends_alike(one, other)


def ends_alike(one: Ends, other: Ends) -> bool:
    """Whether two patterns can end alike."""
    return one.end.endswith(other.end) or other.end.endswith(one.end)
