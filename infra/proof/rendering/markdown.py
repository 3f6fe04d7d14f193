"""A report as Markdown: a summary that fits into a pull request, details folded.

What was read is text that somebody else wrote: it is shown in code spans that it cannot end, and never as markup.
Source: GitHub Flavored Markdown Spec, "Code spans", "Raw HTML".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from infra.proof.rendering import wording
from infra.proof.report import Finding, Report, Statement, Verdict

_MARKS = {Verdict.PROVED: "✅", Verdict.LEAK: "❌", Verdict.UNKNOWN: "⚠️"}
_TICKS = re.compile(r"`+")
#: So much of one text is shown: an ARN has at most 2,048 characters.
_LONGEST_TEXT = 2_048
_MOST_LISTED = 50
#: Takes no room, and keeps what looks like a mention or an address from being made one.
_JOINER = "\N{WORD JOINER}"


def as_markdown(report: Report, *, longest: int = 50_000) -> str:
    """The report as Markdown.

    Args:
        report: The report.
        longest: How many characters it may have; findings that do not fit are counted, not shown.
    """
    head = [f"## {_MARKS[report.verdict]} Isolation: {report.verdict.value}", "", wording.summary(report), ""]
    rest = "\n".join(_rest(report))
    blocks: list[str] = []
    room = longest - sum(map(len, head)) - len(rest) - 200
    for finding in report.findings:
        block = "\n".join(_finding(finding))
        if room < len(block) + 1:
            left = len(report.findings) - len(blocks)
            blocks.append(f"\n{left} more {'finding' if left == 1 else 'findings'}: see the report as HTML or JSON.\n")
            break
        room -= len(block) + 1
        blocks.append(block)
    return "\n".join([*head, *blocks, rest]).rstrip() + "\n"


def _finding(finding: Finding) -> Iterator[str]:
    title = f"{_MARKS[finding.verdict]} {wording.between(finding)}, {wording.CLAIMS[finding.claim]}"
    said = wording.request(finding) or finding.resource or finding.reason
    yield f"<details><summary><b>{escaped(title)}</b>: {escaped(said)}</summary>"
    yield ""
    for text in wording.context(finding.context):
        yield f"- with {code(text)}"
    for number, step in enumerate(finding.chain, start=1):
        yield f"- step {number}: {code(wording.step(step))}"
        for text in wording.context(step.context):
            yield f"  - with {code(text)}"
        yield from _allowed_by(step.statements, "  ")
    yield from _allowed_by(finding.statements, "")
    if finding.reason:
        yield ""
        yield escaped(finding.reason)
    yield ""
    yield "</details>"
    yield ""


def _allowed_by(statements: Sequence[Statement], indent: str) -> Iterator[str]:
    for one in statements:
        place = wording.place(one)
        yield f"{indent}- allowed by {code(wording.statement(one))}" + (f", {code(place)}" if place else "")


def _rest(report: Report) -> Iterator[str]:
    yield from _folded("Not known, and it matters", [wording.unknown(one) for one in report.unknown if one.matters])
    yield from _folded(
        "Not modelled, and could matter", [wording.not_modelled(one) for one in report.not_modelled if one.could_matter]
    )
    yield from _folded("Shared on purpose", [wording.shared(one) for one in report.shared])


def _folded(title: str, entries: Sequence[str]) -> Iterator[str]:
    if not entries:
        return
    yield f"<details><summary>{title}: {len(entries)}</summary>"
    yield ""
    yield from (f"- {code(text)}" for text in entries[:_MOST_LISTED])
    if len(entries) > _MOST_LISTED:
        yield f"- and {len(entries) - _MOST_LISTED} more"
    yield ""
    yield "</details>"
    yield ""


def code(text: str) -> str:
    """A code span, whatever the text has in it."""
    shown = _one_line(text) or " "
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def escaped(text: str) -> str:
    """Text that is no markup, no link and no mention, in Markdown and in HTML within it."""
    shown = html.escape(_one_line(text), quote=False).replace("@", "@" + _JOINER).replace("://", ":" + _JOINER + "//")
    return re.sub(r"[\\`*_{}\[\]()!|~]|#(?!\d+;)", lambda found: f"&#{ord(found[0])};", shown)


def _one_line(text: str) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"
