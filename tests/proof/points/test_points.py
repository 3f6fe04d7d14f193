"""Each of the 25 points that an evaluator must get right, through the whole proof: what gets it wrong leaks."""

from __future__ import annotations

import pytest

from infra.proof.report import Verdict
from infra.proof.theorem.prove import prove
from tests.proof.points import granting, matching, reaching
from tests.proof.points.cases import Case

CASES = (*matching.cases(), *granting.cases(), *reaching.cases())
_each = pytest.mark.parametrize("case", CASES, ids=str)


@_each
def test_what_gets_it_wrong_is_found(case: Case) -> None:
    report = prove(case.broken.estate())
    assert report.verdict is case.verdict
    found = [one for one in report.findings if one.claim is case.claim]
    assert found
    assert all(one.action and one.resource and one.principal for one in found)


@_each
def test_what_gets_it_right_is_proved(case: Case) -> None:
    report = prove(case.sound.estate())
    assert report.findings == ()
    assert report.verdict is Verdict.PROVED


def test_every_point_is_there() -> None:
    assert {case.point for case in CASES} == set(range(1, 26))
    assert len({str(case) for case in CASES}) == len(CASES)
