"""The search for an input by which a check tells that something is broken: a check must be able to fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.strategies import SearchStrategy

Input = TypeVar("Input")
#: The same inputs in every run; the first that tells is enough.
_SAME = settings(
    deadline=None,
    max_examples=2_000,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow],
)


def found_out(inputs: SearchStrategy[Input], tells: Callable[[Input], bool]) -> Input:
    """The first input that tells.

    Args:
        inputs: Where to search.
        tells: Whether the check fails for an input, as it should.

    Raises:
        hypothesis.errors.NoSuchExample: none of them tells.
    """
    return find(inputs, tells, settings=_SAME)
