"""Comparisons of text. Source: IAM User Guide, "Condition operators", String condition operators."""

from __future__ import annotations

from collections.abc import Sequence

from infra.evaluator.conditions.comparing import Compare
from infra.evaluator.patterns import Patterns


def equals(values: Sequence[str], variables: bool) -> Compare:
    """``StringEquals``: the same text; ``*`` and ``?`` stand for themselves."""
    return Patterns(values, variables=variables, wildcards=False).matches


def equals_ignore_case(values: Sequence[str], variables: bool) -> Compare:
    """``StringEqualsIgnoreCase``."""
    return Patterns(values, variables=variables, wildcards=False, ignore_case=True).matches


def like(values: Sequence[str], variables: bool) -> Compare:
    """``StringLike``: with wildcards; those that a variable brings in stand for themselves."""
    return Patterns(values, variables=variables).matches
