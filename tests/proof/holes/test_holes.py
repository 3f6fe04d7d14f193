"""The holes of published multi-tenant blueprints, through the whole proof: each leaks, and its sound twin does not."""

from __future__ import annotations

import pytest

from infra.proof.report import Verdict
from infra.proof.theorem.prove import prove
from tests.proof.holes.published import cases
from tests.proof.points.cases import Case

CASES = tuple(cases())
_each = pytest.mark.parametrize("case", CASES, ids=str)


@_each
def test_the_hole_is_found(case: Case) -> None:
    report = prove(case.broken.estate())
    assert report.verdict is Verdict.LEAK
    assert case.claim in {one.claim for one in report.findings}


@_each
def test_the_sound_twin_is_proved(case: Case) -> None:
    report = prove(case.sound.estate())
    assert report.findings == ()
    assert report.verdict is Verdict.PROVED
