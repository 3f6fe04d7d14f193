"""The proof by classes says the same as the proof of every tenant by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
from hypothesis import HealthCheck, Phase, example, given, settings

from infra.proof.facts import assemble
from infra.proof.report import Report
from infra.proof.template import Input, prove_all
from infra.proof.template.inputs import records_of_all
from infra.proof.theorem.prove import prove
from tests.proof.template.made_alike import barred, estates

_TODAY = date(2026, 1, 1)
#: Shrinking a failure takes longer than reading it.
_SLOWLY = settings(
    deadline=None,
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
Told = tuple[str, set[tuple[str, str, str | None, str | None]], set[tuple[str, str]]]


def told(report: Report) -> Told:
    """What a report says, but for which witness it found."""
    found = {(str(one.verdict), str(one.claim), one.from_, one.to) for one in report.findings}
    return str(report.verdict), found, {(one.urn, one.property) for one in report.unknown}


def naive(inputs: Iterable[Input]) -> Report:
    return prove(assemble(records_of_all(inputs)), today=_TODAY)


@_SLOWLY
@given(estates())
@example(barred("ACME2", "acme1", "birch"))
@example(barred("Acme", "alder", "aster", "Birch"))
def test_an_estate_of_one_template_is_proven_as_one_of_many(inputs: tuple[Input, ...]) -> None:
    """Verdict, leaking pairs and unknown facts are those of the naive proof."""
    report = prove_all(inputs, today=_TODAY)
    assert told(report) == told(naive(inputs)), msgspec.json.encode(report.findings[:3])
