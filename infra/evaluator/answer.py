"""Whether one part of a statement matches a request: yes, no, or open to reading.

Where AWS's documentation leaves a reading open, the answer carries the readings, and whoever asks takes the one that is
safer for the reader of the verdict: an Allow counts as matching, a Deny as not matching, so that "denied" is certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Open:
    """AWS's documentation leaves open whether it matches.

    Args:
        reading: What is open, as a clause: "a wildcard in the type of a resource is documented as invalid".
    """

    reading: str


@dataclass(frozen=True, slots=True)
class Undefined:
    """There is nothing to compare: no match; but whether the opposite holds is open.

    Args:
        reading: Why, as a clause.
    """

    reading: str


Answer = bool | Open
#: What a comparison answers.
Comparison = bool | Open | Undefined


def positive(comparison: Comparison) -> Answer:
    """The answer to "does it match?"."""
    return False if isinstance(comparison, Undefined) else comparison


def negative(comparison: Comparison) -> Answer:
    """The answer to "does it not match?"."""
    if isinstance(comparison, Undefined):
        return Open(comparison.reading)
    return comparison if isinstance(comparison, Open) else not comparison


def any_of(answers: Iterable[Answer]) -> Answer:
    """Yes if one is yes; open if none is, and one is open."""
    found: Answer = False
    for answer in answers:
        if answer is True:
            return True
        if answer is not False:
            found = answer
    return found


def all_of(answers: Iterable[Answer]) -> Answer:
    """No if one is no; open if none is, and one is open."""
    found: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is not True:
            found = answer
    return found
