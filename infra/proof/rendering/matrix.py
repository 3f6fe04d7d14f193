"""The matrix of a report: a row whose principals, a column whose resources, and what is known of each pair."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from infra.proof.report import Finding, Report, Verdict

#: Who is no tenant: the row of outsiders, and what is nobody's.
OUTSIDE = "outside"
NOBODY = "nobody"

State = Literal["proved", "leak", "unknown", "open", "shared", "own"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What is known of one pair.

    Args:
        from_: Whose principals.
        to: Whose resources.
        state: ``leak`` and ``unknown`` by its findings; ``shared`` where only what is declared is allowed; ``open``
            where nothing was found and something that matters is not known; ``own`` on the diagonal; else ``proved``.
        findings: The places of its findings in the report.
    """

    from_: str
    to: str
    state: State
    findings: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """A matrix of pairs.

    Args:
        rows: Its rows, each with a cell a column.
        columns: The owners of the columns.
        left_out: How many tenants have no row and column, because nothing is to be said of them.
    """

    rows: tuple[tuple[Cell, ...], ...]
    columns: tuple[str, ...]
    left_out: int


def matrix_of(report: Report, *, most: int = 36) -> Matrix:
    """The matrix of a report.

    Args:
        report: The report.
        most: How many tenants it shows; of more, those that a finding or declared sharing names come first.
    """
    by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, finding in enumerate(report.findings):
        by_pair[_pair(finding)].append(number)
    shared = {(one.from_, one.to) for one in report.shared if one.state == "used"}
    named = {owner for pair in (*by_pair, *shared) for owner in pair}
    tenants = sorted(report.tenants, key=lambda owner: (owner not in named, owner))[:most]
    others = sorted(named - set(report.tenants) - {OUTSIDE, NOBODY})
    nobody = [NOBODY] if any(NOBODY in pair for pair in by_pair) else []
    owners = [*sorted(tenants), *others, *nobody]
    is_open = any(one.matters for one in report.unknown) or any(one.could_matter for one in report.not_modelled)

    def cell(from_: str, to: str) -> Cell:
        numbers = by_pair.get((from_, to), [])
        return Cell(
            from_=from_,
            to=to,
            state=_state(report, numbers, own=from_ == to, shared=(from_, to) in shared, is_open=is_open),
            findings=tuple(numbers),
        )

    return Matrix(
        rows=tuple(tuple(cell(from_, to) for to in owners) for from_ in (*owners, OUTSIDE)),
        columns=tuple(owners),
        left_out=len(report.tenants) - len(tenants),
    )


def _pair(finding: Finding) -> tuple[str, str]:
    to = finding.to or NOBODY
    return finding.from_ or to, to


def _state(report: Report, numbers: list[int], *, own: bool, shared: bool, is_open: bool) -> State:
    verdicts = {report.findings[number].verdict for number in numbers}
    if Verdict.LEAK in verdicts:
        return "leak"
    if verdicts:
        return "unknown"
    if own:
        return "own"
    if shared:
        return "shared"
    return "open" if is_open else "proved"
