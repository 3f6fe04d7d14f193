"""What becomes of an input: it is refused with a message, or it has a verdict; anything else is a mistake of ours."""

from __future__ import annotations

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
    try:
        report = prove(assemble(read_deployment(content, NAME)))
    except Unreadable as refused:
        assert NAME in str(refused)
        try:
            prove_all([Input(NAME, content)])
        except Unreadable:
            return None
        raise AssertionError("only one of the two proofs refuses it") from refused
    by_template = prove_all([Input(NAME, content)])
    assert by_template.verdict is report.verdict
    msgspec.json.encode(report)
    return report
