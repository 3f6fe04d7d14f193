"""A report as lines of text, each with a style that a terminal may give it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from infra.proof.rendering import wording
from infra.proof.report import Finding, Report, Statement, Verdict

#: Rich's names of styles.
_STYLES = {Verdict.PROVED: "bold green", Verdict.LEAK: "bold red", Verdict.UNKNOWN: "bold yellow"}


class Line(NamedTuple):
    """A line of a report.

    Args:
        text: What it says; control characters of what was read are spelled out.
        style: Rich's name of a style; empty for none.
    """

    text: str
    style: str = ""


def as_lines(report: Report) -> Iterator[Line]:
    """The verdict, the findings, what is unknown with what to declare, and what is shared.

    Args:
        report: The report.
    """
    yield Line(f"{report.verdict.value}  {wording.summary(report)}", _STYLES[report.verdict])
    for number, finding in enumerate(report.findings, start=1):
        yield Line("")
        head = f"{number} of {len(report.findings)}  {finding.verdict.value}: {wording.between(finding)}"
        yield _line(f"{head}, {wording.CLAIMS[finding.claim]}", _STYLES[finding.verdict])
        yield from finding_lines(finding)
    open_facts = [one for one in report.unknown if one.matters]
    yield from _listed("not known, and it matters", [wording.unknown(one) for one in open_facts], "yellow")
    closed = [wording.unknown(one) for one in report.unknown if not one.matters]
    yield from _listed("not known, and taken for the worst that it can be", closed, "dim")
    for matters, title in ((True, "not modelled, and could matter"), (False, "not modelled, and gives no access")):
        types = [wording.not_modelled(one) for one in report.not_modelled if one.could_matter is matters]
        yield from _listed(title, types, "yellow" if matters else "dim")
    yield from _listed("shared on purpose", [wording.shared(one) for one in report.shared], "")


def finding_lines(finding: Finding) -> Iterator[Line]:
    """A finding's witness, the chain that leads to it, what allows it and why it is wrong."""
    said = wording.request(finding)
    if said:
        yield _line(f"  {said}")
    elif finding.resource:
        yield _line(f"  {finding.resource}")
    for text in wording.context(finding.context):
        yield _line(f"    with {text}", "dim")
    for number, step in enumerate(finding.chain, start=1):
        yield _line(f"  step {number}  {wording.step(step)}")
        for text in wording.context(step.context):
            yield _line(f"    with {text}", "dim")
        yield from _allowed_by(step.statements)
    if finding.chain and finding.statements:
        yield _line("  then")
    yield from _allowed_by(finding.statements)
    if finding.reason:
        yield _line(f"  why  {finding.reason}")


def _allowed_by(statements: tuple[Statement, ...]) -> Iterator[Line]:
    for one in statements:
        yield _line(f"    by {wording.statement(one)}")
        place = wording.place(one)
        if place:
            yield _line(f"       {place}", "dim")


def _listed(title: str, entries: list[str], style: str) -> Iterator[Line]:
    if entries:
        yield Line("")
        yield Line(title, "bold")
        for text in entries:
            yield _line(f"  {text}", style)


def _line(text: str, style: str = "") -> Line:
    """A line of text that somebody else wrote: nothing in it moves a terminal's cursor or changes its colours."""
    return Line("".join(char if char.isprintable() else repr(char)[1:-1] for char in text), style)
