"""A finding of the proof as the message of a violation: the whole witness, a line a fact."""

from __future__ import annotations

from collections.abc import Iterator

from infra.proof.report import Finding, Statement, Step


def message(finding: Finding) -> str:
    """What is wrong, and the request that shows it: who, what, on what, in which context, and what allows it."""
    return "\n".join(_lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.verdict.value}: {finding.reason}"
    facts = (("principal", finding.principal), ("action", finding.action), ("resource", finding.resource))
    for name, value in facts:
        if value is not None:
            yield f"    {name}: {value}"
    for key, value in finding.context.items():
        yield f"    context: {key} = {value}"
    for number, step in enumerate(finding.chain, start=1):
        yield from _step(number, step)
    for statement in finding.statements:
        yield f"    allowed by: {_statement(statement)}"


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"    step {number}: {step.principal} by {step.action} on {step.resource} becomes {step.becomes}"
    for key, value in step.context.items():
        yield f"        context: {key} = {value}"
    for statement in step.statements:
        yield f"        allowed by: {_statement(statement)}"


def _statement(statement: Statement) -> str:
    place = f" ({statement.file}:{statement.line})" if statement.file else ""
    return f"{statement.statement} of {statement.urn or statement.policy}{place}, {statement.layer}"
