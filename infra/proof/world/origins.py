"""From the labels of policies in a verdict back to the resources that hold them, for reports."""

from __future__ import annotations

from infra.evaluator.decision import Layer, StatementRef
from infra.proof.facts import Source, Unknown
from infra.proof.report import Statement
from infra.proof.symbolic import Question, Sat
from infra.proof.world.world import World

_LAYERS = {Layer.IDENTITY: "identity", Layer.RESOURCE: "resource", Layer.TRUST: "trust", Layer.GRANT: "grant"}


def statements_of(world: World, sat: Sat) -> tuple[Statement, ...]:
    """The statements that allow a witness, each with where it is written."""
    found = [_statement(world, ref) for ref in sat.verdict.statements]
    if sat.verdict.layer is Layer.GRANT:
        found += [
            _written(one.grant.label, "grant", "grant", one.source)
            for one in world.estate.grants
            if one.grant.label in sat.verdict.reason
        ]
    return tuple(found)


def doubts(world: World, question: Question, sat: Sat) -> tuple[Unknown, ...]:
    """What is not known that a witness rests on: it is then no leak that is certain.

    Args:
        world: The estate.
        question: The question.
        sat: Its answer.
    """
    policies = question.policies
    limits = [one for one in (policies.boundary, policies.endpoint) if one is not None]
    labels = [*(ref.label for ref in sat.verdict.statements), *(one.label for one in limits)]
    return tuple(dict.fromkeys(world.unread[label] for label in labels if label in world.unread))


def _statement(world: World, ref: StatementRef) -> Statement:
    layer = _LAYERS.get(ref.layer, "identity")
    origin = world.origin(ref.label, ref.index)
    if origin is None:
        return Statement(policy=ref.label, statement=ref.sid or f"statement {ref.index + 1}", layer=layer)
    document, index = origin
    return _written(document.label(), ref.sid or f"statement {index + 1}", layer, document.source)


def _written(policy: str, statement: str, layer: str, source: Source) -> Statement:
    return Statement(
        policy=policy, statement=statement, layer=layer, urn=source.urn, file=source.file, line=source.line
    )
