"""Comparisons with true and false. Source: IAM User Guide, "Condition operators", Boolean condition operators."""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.answer import Comparison
from infra.evaluator.conditions.comparing import Compare, unreadable
from infra.evaluator.facts import Facts

_UNREADABLE = unreadable("Boolean")


def equals(values: Sequence[str], variables: bool) -> Compare:
    """``Bool``."""
    del variables  # only the operators for text and ARNs take variables
    wanted = frozenset(value.lower() for value in values)

    def compared(value: str, facts: Facts) -> Comparison:
        del facts
        lowered = value.lower()
        return lowered in wanted if lowered in ("true", "false") else _UNREADABLE

    return compared
