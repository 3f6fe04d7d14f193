"""What holds between condition operators: negation, IfExists, set operators and wildcards, against plain Python."""

from __future__ import annotations

import re

import pytest
from arbitrary_requests import SESSION, document
from hypothesis import given, settings
from hypothesis import strategies as st
from read_cases import answered

Values = list[str]

thorough = settings(deadline=None, max_examples=80)


def _some(values: st.SearchStrategy[str]) -> st.SearchStrategy[Values]:
    return st.lists(values, min_size=1, max_size=3)


_text = st.text("aAb*?/:$", max_size=6)
_patterns = _some(_text)
_addresses = st.builds("10.0.{}.{}".format, st.integers(0, 3), st.integers(0, 255))
_ranges = _some(st.builds("10.0.{}.0/{}".format, st.integers(0, 3), st.integers(22, 32)))
_numbers = st.integers(-3, 3).map(str)
_dates = st.builds("2026-06-{:02}T0{}:00:00Z".format, st.integers(1, 28), st.integers(0, 9))
_arns = st.builds("arn:aws:sns:{}:{}:{}".format, _text.map(lambda t: t.replace(":", "")), st.just("1"), _text)

#: Every operator that has a negation, with it, and with what it compares.
NEGATIONS = [
    pytest.param("StringEquals", "StringNotEquals", _text, _patterns, id="StringEquals"),
    pytest.param("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", _text, _patterns, id="StringEqualsIgnoreCase"),
    pytest.param("StringLike", "StringNotLike", _text, _patterns, id="StringLike"),
    pytest.param(
        "NumericEquals", "NumericNotEquals", _numbers, st.lists(_numbers, min_size=1, max_size=3), id="NumericEquals"
    ),
    pytest.param("DateEquals", "DateNotEquals", _dates, _some(_dates), id="DateEquals"),
    pytest.param("IpAddress", "NotIpAddress", _addresses, _ranges, id="IpAddress"),
    pytest.param("ArnEquals", "ArnNotEquals", _arns, _some(_arns), id="ArnEquals"),
    pytest.param("ArnLike", "ArnNotLike", _arns, _some(_arns), id="ArnLike"),
]


def holds(operator: str, policy_values: Values, request_value: str | Values | None) -> bool:
    """Whether a condition on one key holds for a request, as the decision on an Allow under it shows."""
    key = "aws:PrincipalTag/any"
    allow = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {operator: {key: policy_values}},
    }
    found = answered(
        {
            "id": 1,
            "principal": SESSION,
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::acme-data/a",
            "context": {} if request_value is None else {key: request_value},
            "identity_policies": [document(allow)],
        }
    )
    assert found.decision in ("Allowed", "ImplicitlyDenied"), found.reason
    return found.decision == "Allowed"


@pytest.mark.parametrize(("positive", "negative", "values", "lists"), NEGATIONS)
def test_exactly_one_of_an_operator_and_its_negation_holds(
    positive: str, negative: str, values: st.SearchStrategy[str], lists: st.SearchStrategy[Values]
) -> None:
    @given(values, lists)
    @settings(deadline=None, max_examples=40)
    def check(value: str, policy: Values) -> None:
        assert holds(positive, policy, value) is not holds(negative, policy, value)
        assert holds(f"{positive}IfExists", policy, value) is holds(positive, policy, value)
        assert not holds(positive, policy, None)
        assert holds(negative, policy, None)
        assert holds(f"{positive}IfExists", policy, None)

    check()


@given(_text, _patterns)
@thorough
def test_string_like_is_as_a_regular_expression_says(value: str, patterns: Values) -> None:
    expressions = [re.escape(one).replace(r"\*", ".*").replace(r"\?", ".") for one in patterns]
    assert holds("StringLike", patterns, value) is any(re.fullmatch(one, value) for one in expressions)


@given(_text, _patterns)
@thorough
def test_string_equals_has_no_wildcards(value: str, policy: Values) -> None:
    assert holds("StringEquals", policy, value) is (value in policy)


@given(st.integers(-3, 3), st.integers(-3, 3))
@thorough
def test_numbers_are_ordered_as_numbers(value: int, limit: int) -> None:
    assert holds("NumericLessThan", [str(limit)], str(value)) is (value < limit)
    assert holds("NumericLessThanEquals", [str(limit)], str(value)) is (value <= limit)
    assert holds("NumericGreaterThan", [str(limit)], str(value)) is (value > limit)
    assert holds("NumericGreaterThanEquals", [str(limit)], str(value)) is (value >= limit)


@given(_dates, _dates)
@thorough
def test_dates_are_ordered_as_dates(value: str, limit: str) -> None:
    assert holds("DateLessThan", [limit], value) is (value < limit)
    assert holds("DateGreaterThanEquals", [limit], value) is (value >= limit)


@given(
    st.lists(st.sampled_from("abcd"), max_size=3, unique=True),
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=3),
)
@thorough
def test_set_operators_are_those_of_sets(values: Values, policy: Values) -> None:
    assert holds("ForAllValues:StringEquals", policy, values) is (set(values) <= set(policy))
    assert holds("ForAnyValue:StringEquals", policy, values) is bool(set(values) & set(policy))
    assert holds("ForAllValues:StringNotEquals", policy, values) is set(values).isdisjoint(policy)
    assert holds("ForAnyValue:StringNotEquals", policy, values) is bool(set(values) - set(policy))
