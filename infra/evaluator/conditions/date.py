"""Comparisons of moments. Source: IAM User Guide, "Condition operators", Date condition operators.

A moment is written in one of W3C's profiles of ISO 8601, or as seconds since 1970 (epoch time).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial

from infra.evaluator.answer import Comparison
from infra.evaluator.conditions.comparing import Compare, Family, unreadable
from infra.evaluator.facts import Facts

_UNREADABLE = unreadable("date")
_YEAR = re.compile(r"\d{4}")
_YEAR_AND_MONTH = re.compile(r"\d{4}-\d{2}")
_EPOCH = re.compile(r"\d{5,15}(\.\d+)?")


def _family(compare: Callable[[float, float], bool], values: Sequence[str], variables: bool) -> Compare:
    del variables  # only the operators for text and ARNs take variables
    limits = tuple(moment for moment in map(moment_of, values) if moment is not None)

    def compared(value: str, facts: Facts) -> Comparison:
        del facts
        moment = moment_of(value)
        return _UNREADABLE if moment is None else any(compare(moment, limit) for limit in limits)

    return compared


@lru_cache(maxsize=4096)
def moment_of(text: str) -> float | None:
    """Seconds since 1970, UTC; None if the text is no date."""
    if _EPOCH.fullmatch(text):
        return float(text)
    if _YEAR.fullmatch(text):
        text += "-01-01"
    elif _YEAR_AND_MONTH.fullmatch(text):
        text += "-01"
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


equals: Family = partial(_family, operator.eq)
less_than: Family = partial(_family, operator.lt)
less_than_equals: Family = partial(_family, operator.le)
greater_than: Family = partial(_family, operator.gt)
greater_than_equals: Family = partial(_family, operator.ge)
