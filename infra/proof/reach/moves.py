"""One step of a chain as the search for them sees it: what it leads to, and what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from infra.evaluator.request import ContextValue
from infra.proof import symbolic
from infra.proof.facts import Unknown
from infra.proof.report import ContextText, Step, UnknownFact
from infra.proof.symbolic import Question, Sat
from infra.proof.world import Actor, World, ask, doubts, statements_of


@dataclass(frozen=True, slots=True)
class Allowed:
    """A request that is allowed.

    Args:
        question: The question that it answers.
        sat: The answer.
    """

    question: Question
    sat: Sat


@dataclass(frozen=True, slots=True)
class Move:
    """A step that can be taken.

    Args:
        to: Who the caller is afterwards.
        step: The step, for reports.
        doubts: What is not known that it rests on.
    """

    to: Actor
    step: Step
    doubts: tuple[Unknown, ...] = ()


def first_allowed(world: World, questions: Iterable[Question]) -> Allowed | tuple[str, ...]:
    """The first request of some questions that is allowed; else the reasons why one cannot be ruled out, if any."""
    reasons: dict[str, None] = {}
    for question in questions:
        answer = ask(world, question)
        if isinstance(answer, Sat):
            return Allowed(question, answer)
        if isinstance(answer, symbolic.Unknown):
            reasons.update(dict.fromkeys(answer.reasons))
    return tuple(reasons)


def fixing(questions: Iterable[Question], fixed: Mapping[str, ContextValue]) -> Iterator[Question]:
    """Questions with more of their context fixed; a key that is fixed already, in any case, is replaced.

    Args:
        questions: The questions.
        fixed: The keys with their values; None for a key that the requests do not have.
    """
    replaced = {key.lower() for key in fixed}
    for question in questions:
        kept = {key: value for key, value in question.fixed.items() if key.lower() not in replaced}
        yield replace(question, fixed={**kept, **fixed})


def move(world: World, kind: str, to: Actor, asked: Allowed, *beside: Allowed) -> Move:
    """A step that can be taken.

    Args:
        world: The estate.
        kind: What it is: see `Step`.
        to: Who the caller is afterwards.
        asked: The request that the step is.
        beside: What must be allowed beside it.
    """
    every = (asked, *beside)
    witness = asked.sat.witness
    given = {key: value for one in reversed(every) for key, value in _chosen(one).items()}
    step = Step(
        kind=kind,
        principal=witness.principal.arn,
        action=witness.action,
        resource=witness.resource,
        context=given,
        becomes=to.arn,
        statements=tuple(dict.fromkeys(found for one in every for found in statements_of(world, one.sat))),
    )
    unsure = (doubt for one in every for doubt in doubts(world, one.question, one.sat))
    return Move(to, step, tuple(dict.fromkeys(unsure)))


def not_known(actor: Actor, kind: str, target: str, reasons: Iterable[str]) -> UnknownFact:
    """A step that cannot be ruled out.

    Args:
        actor: Who might take it.
        kind: What it is.
        target: The ARN that it is done to.
        reasons: What is not modelled.
    """
    why = f"whether {actor.label} can take the step {kind} here is not known: {'; '.join(reasons)}"
    return UnknownFact(urn=target, property=kind, why=why)


def _chosen(allowed: Allowed) -> dict[str, ContextText]:
    """The context keys that the request needs; those of the caller and of the resource are as they are."""
    given = {key.lower() for key, value in allowed.question.fixed.items() if value is not None}
    of_caller = ("aws:principaltag/", ":resourcetag/")
    found: dict[str, ContextText] = {}
    for key, value in allowed.sat.witness.context.items():
        is_given = key.lower() in given and any(part in key.lower() for part in of_caller)
        if value is not None and not is_given:
            found[key] = value if isinstance(value, str | bool | int | float) else tuple(value)
    return found
