"""Comparisons of numbers. Source: IAM User Guide, "Condition operators", Numeric condition operators."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache, partial

from infra.evaluator.answer import Comparison
from infra.evaluator.conditions.comparing import Compare, Family, unreadable
from infra.evaluator.facts import Facts

_UNREADABLE = unreadable("number")


def _family(compare: Callable[[Decimal, Decimal], bool], values: Sequence[str], variables: bool) -> Compare:
    del variables  # only the operators for text and ARNs take variables
    limits = tuple(number for number in map(number_in, values) if number is not None)

    def compared(value: str, facts: Facts) -> Comparison:
        del facts
        number = number_in(value)
        return _UNREADABLE if number is None else any(compare(number, limit) for limit in limits)

    return compared


@lru_cache(maxsize=4096)
def number_in(text: str) -> Decimal | None:
    """The finite number that a text is; None for any other text."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


equals: Family = partial(_family, operator.eq)
less_than: Family = partial(_family, operator.lt)
less_than_equals: Family = partial(_family, operator.le)
greater_than: Family = partial(_family, operator.gt)
greater_than_equals: Family = partial(_family, operator.ge)
