"""The phrases that every rendering of a report uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from infra.evaluator.catalogue import condition_key
from infra.proof.report import (
    Claim,
    ContextText,
    Finding,
    NotModelledType,
    Report,
    Shared,
    Statement,
    Step,
    UnknownFact,
)

#: What each claim is about.
CLAIMS: Mapping[Claim, str] = {
    Claim.ISOLATION: "isolation between tenants",
    Claim.OUTSIDE: "nobody from outside",
    Claim.FOUNDATION: "what the proof rests on",
    Claim.ENCRYPTION: "encryption at rest",
    Claim.TRANSPORT: "encryption in transit",
    Claim.CONTROL: "what a tenant must be able to do",
    Claim.SHARING: "declared sharing",
}


def summary(report: Report) -> str:
    """How much the verdict is about: ``2 tenants, 2 ordered pairs, 0.8 s``."""
    parts = [
        _counted(len(report.tenants), "tenant"),
        _counted(report.pairs, "ordered pair"),
        f"{report.seconds:.1f} s",
    ]
    return ", ".join(parts)


def between(finding: Finding) -> str:
    """Whose principal and whose resource: ``acme → globex``."""
    if finding.from_ in (None, finding.to):
        return finding.to or "the estate"
    return f"{finding.from_} → {finding.to or 'nobody'}"


def request(finding: Finding) -> str:
    """The request of a witness in a sentence; empty where the finding is about none."""
    if finding.action is None or finding.resource is None:
        return ""
    who = "anybody, without credentials," if finding.principal == "*" else finding.principal or "somebody"
    return f"{who} may {finding.action} on {finding.resource}"


def step(one: Step) -> str:
    """A step of a chain in a sentence."""
    return f"{one.kind}: {one.principal} does {one.action} on {one.resource}, and becomes {one.becomes}"


def statement(one: Statement) -> str:
    """A statement by its name and the policy that has it."""
    return f"{one.statement} in the {one.layer} policy {one.policy}"


def place(one: Statement) -> str:
    """Where a statement is written: the URN, and the file and line where they are known."""
    parts = [one.urn] if one.urn and one.urn not in one.policy else []
    if one.file:
        parts.append(one.file if one.line is None else f"{one.file}:{one.line}")
    return ", ".join(parts)


def context(given: Mapping[str, ContextText]) -> Iterator[str]:
    """Each context key with its value, as JSON writes it: ``aws:SourceVpce = "vpce-1"``."""
    for key, value in given.items():
        yield f"{_as_written(key)} = {msgspec.json.encode(value).decode()}"


def unknown(one: UnknownFact) -> str:
    """What is not known, and what to do about it."""
    return f"{one.urn}, {one.property}: {one.why}"


def not_modelled(one: NotModelledType) -> str:
    """A type that is not modelled, and what it could do."""
    return f"{one.type} ({_counted(len(one.urns), 'resource')}): {one.why}"


def shared(one: Shared) -> str:
    """Declared sharing in a sentence."""
    return (
        f"{one.from_} → {one.to}: {', '.join(one.actions)} on {', '.join(one.resources)}, "
        f"until {one.expires} ({one.state}): {one.reason}"
    )


def _as_written(key: str) -> str:
    """A context key as AWS writes it, whose case the evaluation ignores; the part that tags choose stays as it is."""
    known = condition_key(key)
    if known is None:
        return key
    fixed = known.name.partition("$")[0]
    return fixed + key[len(fixed) :]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
