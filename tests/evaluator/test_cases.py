"""Every case gets the decision that AWS documents, and the cases cover what an evaluator must get right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, cast

import pytest
from read_cases import Case, answered, cases_by_file, differences

CASES = cases_by_file()
DECISIONS = {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied", "Error"}
#: IAM User Guide, "IAM JSON policy elements: Condition operators"; each but Null also with IfExists.
OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
]
POLICY_KEYS = (
    "identity_policies",
    "boundary",
    "session_policy",
    "resource_policy",
    "vpc_endpoint_policy",
    "scps",
    "rcps",
)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{name}: {case.title}") for name, cases in CASES.items() for case in cases]
)
def test_decision(case: Case) -> None:
    assert differences(case) == [], answered(case.request).reason


@pytest.mark.parametrize("expect", sorted(DECISIONS))
def test_a_wrong_expectation_fails(expect: str) -> None:
    case = CASES["points/01-explicit-deny-wins"][1]
    wrong = Case(case.title, case.page, case.request, expect)
    assert bool(differences(wrong)) is (expect != case.expect)


def test_a_wrong_reason_and_a_wrong_statement_fail() -> None:
    case = CASES["points/01-explicit-deny-wins"][1]
    assert differences(Case(case.title, case.page, case.request, case.expect, because="no such layer"))
    assert differences(Case(case.title, case.page, case.request, case.expect, statements=("ReadOwn",)))


def test_every_case_says_where_it_comes_from() -> None:
    for name, cases in CASES.items():
        titles = [case.title for case in cases]
        assert len(set(titles)) == len(titles), f"{name} has a title twice"
        assert all(case.page and case.title and case.expect in DECISIONS for case in cases), name


def test_a_reading_that_was_taken_is_told() -> None:
    taken = [case for cases in CASES.values() for case in cases if case.title.startswith("Open in the documentation: ")]
    assert taken
    assert [case.title for case in taken if "reading taken" not in answered(case.request).reason.lower()] == []


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_file_has_a_positive_and_a_negative_case(name: str) -> None:
    decisions = {case.expect for case in CASES[name]}
    assert "Allowed" in decisions
    assert decisions - {"Allowed"}


@pytest.mark.parametrize("point", range(1, 26))
def test_every_point_has_cases(point: int) -> None:
    assert sum(len(cases) for name, cases in CASES.items() if name.startswith(f"points/{point:02}-")) >= 3


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_has_cases(operator: str) -> None:
    used = Counter(name for cases in CASES.values() for case in cases for name in _operators(case.request))
    assert used[operator] >= 3


def _operators(request: Mapping[str, Any]) -> set[str]:
    """The operators in a request's policies, without set operators and IfExists."""
    conditions = [condition for key in POLICY_KEYS for condition in _conditions(request.get(key))]
    return {name.rpartition(":")[2].removesuffix("IfExists") for condition in conditions for name in condition}


def _conditions(value: object) -> Iterable[Mapping[str, object]]:
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            if key == "Condition" and isinstance(inner, dict):
                yield cast("dict[str, object]", inner)
            else:
                yield from _conditions(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _conditions(inner)
