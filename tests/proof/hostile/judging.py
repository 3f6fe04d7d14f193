"""What becomes of an input: it is refused with a message, or it has a verdict; anything else is a mistake of ours."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from infra.proof.facts import Unreadable, assemble, read_deployment
from infra.proof.report import Report
from infra.proof.template.inputs import Input
from infra.proof.template.prove import prove_all
from infra.proof.theorem.prove import prove

#: How messages call the input.
NAME = "hostile.json"


def judged(content: bytes) -> Report | None:
    """The report on one export by the reference proof and by the one of templates, which agree; None if it is refused.

    Args:
        content: What is in the file.
    """
    report = _answer(lambda: prove(assemble(read_deployment(content, NAME))))
    by_template = _answer(lambda: prove_all([Input(NAME, content)]))
    if report is None or by_template is None:
        assert report is by_template, "only one of the two proofs refuses it"
        return None
    assert by_template.verdict is report.verdict
    msgspec.json.encode(report)
    return report


def _answer(asked: Callable[[], Report]) -> Report | None:
    try:
        return asked()
    except Unreadable as refused:
        if NAME not in str(refused):
            raise
        return None
