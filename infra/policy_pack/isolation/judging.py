"""Proves the estate as it would be: the planned stack in place of its deployed self, and every other as deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra.policy_pack.isolation.planned_state import as_preview
from infra.policy_pack.planned import StackResource
from infra.policy_pack.specifications import Stack, stack_of
from infra.proof.facts import Owners
from infra.proof.report import Finding, Report, Statement, Verdict
from infra.proof.template import prove_all
from infra.proof.template.inputs import Input, Kind, records_of
from infra.proof.theorem.inputs import Sharing


@dataclass(frozen=True)
class Judgement:
    """What was found.

    Attributes:
        report: The whole answer.
        leaks: The leaks that the stack has a part in.
        unknown: What is not known and bears on the stack, a text each.
        elsewhere: How many findings are about other stacks alone.
    """

    report: Report
    leaks: tuple[Finding, ...]
    unknown: tuple[str, ...]
    elsewhere: int


def judge(
    stack: Sequence[StackResource],
    deployed: Iterable[tuple[Stack, bytes]],
    *,
    owners: Owners | None = None,
    sharing: Iterable[Sharing] = (),
    cache: Path | None = None,
) -> Judgement:
    """Prove a planned stack together with what is deployed.

    Args:
        stack: The planned resources, at least one.
        deployed: What is deployed, as `pulumi stack export` writes it, the planned stack among it where it is.
        owners: Whose is what; by tags alone where it is None.
        sharing: What is shared on purpose.
        cache: The file that keeps what was proven, for the next time.

    Raises:
        Unreadable: An export is not what it should be.
    """
    report = prove_all(_inputs(stack, deployed), owners=owners, sharing=sharing, cache=cache)
    part = _Part(stack)
    concerning = [finding for finding in report.findings if part.has(finding)]
    open_ = [finding.reason for finding in concerning if finding.verdict is not Verdict.LEAK]
    open_ += [f"{one.urn}, {one.property}: {one.why}" for one in report.unknown if one.matters and one.urn in part.urns]
    open_ += [
        f"{urn}: {one.type} is not modelled, and {one.why}"
        for one in report.not_modelled
        if one.could_matter
        for urn in one.urns
        if urn in part.urns
    ]
    return Judgement(
        report=report,
        leaks=tuple(finding for finding in concerning if finding.verdict is Verdict.LEAK),
        unknown=tuple(open_),
        elsewhere=len(report.findings) - len(concerning),
    )


def _inputs(stack: Sequence[StackResource], deployed: Iterable[tuple[Stack, bytes]]) -> Iterator[Input]:
    here = stack_of(stack[0].urn)
    urns: set[str] = set()
    for other, export in deployed:
        one = Input(f"{other.project}/{other.name}", export)
        if other == here:
            urns = {record.source.urn for record in records_of(one)}
        yield one
    yield Input(f"{here.project}/{here.name}", as_preview(stack, urns), Kind.PREVIEW)


class _Part:
    """What a stack has a part in: its own resources, and what is about an owner that it makes something for."""

    def __init__(self, stack: Sequence[StackResource]) -> None:
        self.urns = {one.urn for one in stack}
        tags: list[Any] = [one.properties.get("tagsAll") for one in stack]
        mappings = [cast("Mapping[str, Any]", each) for each in tags if isinstance(each, Mapping)]
        self._owners = {each["tenant"] for each in mappings if isinstance(each.get("tenant"), str)}

    def has(self, finding: Finding) -> bool:
        """Whether a finding is about the stack."""
        return bool({finding.from_, finding.to} & self._owners) or any(
            statement.urn in self.urns for statement in _statements(finding)
        )


def place(stack: Sequence[StackResource], finding: Finding) -> str | None:
    """The URN of the stack's resource that a finding is to be shown at; None: at the stack itself."""
    urns = {one.urn for one in stack}
    return next((one.urn for one in _statements(finding) if one.urn in urns), None)


def _statements(finding: Finding) -> Iterator[Statement]:
    yield from finding.statements
    for step in finding.chain:
        yield from step.statements
