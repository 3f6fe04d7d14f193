"""One condition compiled: its key's value or values against its operator.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Single-valued vs. multivalued context
keys".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import cast

from infra.evaluator import catalogue
from infra.evaluator.answer import Answer, Comparison, Open, all_of, any_of, negative, positive
from infra.evaluator.conditions.comparing import Compare
from infra.evaluator.conditions.registry import COMPARISONS, NULL
from infra.evaluator.document import Condition
from infra.evaluator.facts import Facts, Scalar, Test, is_several, text_of
from infra.evaluator.grammar import Quantifier, parse_operator

_Judge = Callable[[Comparison], Answer]

_ONE_OF_SEVERAL = Open("an operator without ForAllValues or ForAnyValue compares a multivalued key that has one value")
_ANY_IF_EXISTS = Open("a key is missing, for which IfExists says true and ForAnyValue says false")


def compile_condition(condition: Condition, *, variables: bool) -> Test:
    """Make a function that tells whether a request fulfils a condition.

    Args:
        condition: The condition.
        variables: Whether ``${...}`` is a variable in its values.

    Raises:
        ValueError: AWS has no such operator; the grammar refuses it before.
    """
    operator = parse_operator(condition.operator)
    if operator is None:
        raise ValueError(f"there is no condition operator {condition.operator!r}")
    if operator.name == NULL:
        return _null(condition)
    family, is_negation = COMPARISONS[operator.name]
    compare = family(condition.values, variables)
    judge: _Judge = negative if is_negation else positive
    if operator.quantifier is None:
        return _single(condition.key, compare, judge, if_missing=is_negation or operator.if_exists)
    return _several(condition.key, compare, judge, operator.quantifier, if_exists=operator.if_exists)


def _null(condition: Condition) -> Test:
    key, wanted = condition.key, frozenset(value.lower() for value in condition.values)
    if_missing, if_there = "true" in wanted, "false" in wanted
    return lambda facts: if_missing if _is_missing(facts.value(key)) else if_there


def _single(key: str, compare: Compare, judge: _Judge, *, if_missing: bool) -> Test:
    kind = catalogue.key_type(key)
    known_single = kind is not None and not kind.multivalued
    known_several = kind is not None and kind.multivalued

    def holds(facts: Facts) -> Answer:
        value = facts.value(key)
        if isinstance(value, str | bool) and not known_several:
            return judge(compare(text_of(value), facts))
        if _is_missing(value):
            return if_missing
        values = _values(value)
        # AWS compares several values with a set operator only: without one the condition is not fulfilled.
        if len(values) > 1:
            return False
        answer = judge(compare(text_of(values[0]), facts))
        if answer is True and (known_several or (is_several(value) and not known_single)):
            return _ONE_OF_SEVERAL
        return answer

    return holds


def _several(key: str, compare: Compare, judge: _Judge, quantifier: Quantifier, *, if_exists: bool) -> Test:
    for_all = quantifier is Quantifier.ALL
    combine: Callable[[Iterable[Answer]], Answer] = all_of if for_all else any_of
    if_missing: Answer = for_all or (if_exists and _ANY_IF_EXISTS)

    def holds(facts: Facts) -> Answer:
        value = facts.value(key)
        # an empty text is an empty set to the set operators
        if _is_missing(value) or value == "":
            return if_missing
        return combine(judge(compare(text_of(one), facts)) for one in _values(value))

    return holds


def _is_missing(value: object) -> bool:
    return value is None or (is_several(value) and not value)


def _values(value: object) -> Sequence[Scalar]:
    return cast("Sequence[Scalar]", value) if is_several(value) else (cast("Scalar", value),)
