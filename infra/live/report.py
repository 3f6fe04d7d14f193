"""What an audit says: the proof over what is live, what differs from the stacks, and what was not to be known.

`Audit` is what ``bulkhead audit --json`` prints, field for field.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import msgspec

from infra.evaluator import catalogue
from infra.live.differences import Comparison, Difference
from infra.live.reading import Live
from infra.proof.facts import Record
from infra.proof.report import Finding, Report, Verdict, verdict_of


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that let live resources pass that no stack has.

    Args:
        rule: What it lets pass, and why.
        resources: How many.
    """

    rule: str
    resources: int


class NotRead(msgspec.Struct, frozen=True, kw_only=True):
    """A read that was not let through, or that AWS does not answer here.

    Args:
        type: The type of what it would have told.
        resource: The resource that it is about; empty where a whole type was not listed.
        action: The IAM action that it needs.
        why: What AWS said.
        matters: Whether nothing is proven without it.
    """

    type: str
    resource: str
    action: str
    why: str
    matters: bool


class FromState(msgspec.Struct, frozen=True, kw_only=True):
    """A type that the audit does not read: its resources are in the proof as their stacks have them.

    Args:
        type: The type token.
        resources: How many.
    """

    type: str
    resources: int


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer.

    Args:
        verdict: Of the proof over what is live; `Verdict.UNKNOWN` also where something that matters was not read.
        account: The account's number.
        region: The Region.
        resources: How many live resources were read.
        alike: How many are as their stacks have them.
        differences: What differs from the stacks.
        expected: Why resources may be there that no stack has.
        not_read: What was not to be read.
        from_state: What is in the proof as stacks have it.
        unused: What is declared as known and was not met.
        proof: The proof.
        seconds: How long all took.
    """

    verdict: Verdict
    account: str
    region: str
    resources: int
    alike: int
    differences: tuple[Difference, ...]
    expected: tuple[Expected, ...]
    not_read: tuple[NotRead, ...]
    from_state: tuple[FromState, ...]
    unused: tuple[str, ...]
    proof: Report
    seconds: float


class ExitCode(IntEnum):
    """How ``bulkhead audit`` ends: the gravest of what was found."""

    SAME = 0
    LEAK = 1
    UNKNOWN = 2
    DIFFERENT = 3


def audited(
    live: Live, comparison: Comparison, from_state: Mapping[str, int], proof: Report, *, seconds: float
) -> Audit:
    """Put an audit together.

    Args:
        live: The account.
        comparison: Of the account with the stacks.
        from_state: Types that were not read to how many of their resources the proof has from the stacks.
        proof: The proof over what is live.
        seconds: How long all took.
    """
    not_read = (
        *(
            NotRead(type=each.token, resource=each.resource, action=each.action, why=each.why, matters=each.lost)
            for each in live.hidden
        ),
        *(_of_unread_type(each) for each in comparison.beside),
    )
    lost = any(each.matters for each in not_read)
    return Audit(
        verdict=Verdict.UNKNOWN if lost and proof.verdict is Verdict.PROVED else proof.verdict,
        account=live.account,
        region=live.region,
        resources=len(live.records),
        alike=comparison.alike,
        differences=comparison.differences,
        expected=tuple(Expected(rule=rule, resources=count) for rule, count in sorted(comparison.expected.items())),
        not_read=not_read,
        from_state=tuple(FromState(type=token, resources=count) for token, count in sorted(from_state.items())),
        unused=comparison.unused,
        proof=proof,
        seconds=round(seconds, 3),
    )


def about(report: Report, tenants: frozenset[str]) -> Report:
    """The part of a proof that is about some tenants, as who reaches or as who is reached.

    Args:
        report: The whole.
        tenants: Their ids; empty for all.
    """
    if not tenants:
        return report
    findings = tuple(each for each in report.findings if _touches(each, tenants))
    return msgspec.structs.replace(
        report, findings=findings, verdict=verdict_of(findings, report.unknown, report.not_modelled)
    )


def exit_code(audit: Audit) -> int:
    """How the command ends."""
    if audit.verdict is Verdict.LEAK:
        return ExitCode.LEAK
    if audit.verdict is Verdict.UNKNOWN:
        return ExitCode.UNKNOWN
    return ExitCode.DIFFERENT if audit.differences else ExitCode.SAME


def _of_unread_type(record: Record) -> NotRead:
    """What bears a tenant's tag and is of a type that the audit does not read."""
    arn = str(record.text("arn"))
    service = arn.split(":")[2]
    return NotRead(
        type=record.type,
        resource=arn,
        action="",
        why="the audit reads no resources of this type: if it has a policy, what that gives is not known",
        matters=service in catalogue.resource_policy_services(),
    )


def _touches(finding: Finding, tenants: frozenset[str]) -> bool:
    return finding.from_ in tenants or finding.to in tenants or (finding.from_ is None and finding.to is None)
