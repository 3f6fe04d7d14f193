"""Turns an answer into a finding: a request is replayed by the concrete evaluator, with nothing that it needs not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from infra.evaluator.evaluate import evaluate
from infra.evaluator.request import ContextValue
from infra.proof.facts import Unknown
from infra.proof.report import Claim, ContextText, Finding, Step, Verdict
from infra.proof.symbolic import Question, Sat
from infra.proof.theorem.asking import Asked
from infra.proof.world import World, doubts, statements_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about.

    Args:
        claim: What it contradicts.
        from_: Whose principal its chain starts from.
        to: Whose resource it is about.
        chain: How the caller came to be who it is.
        doubts: What is not known that the chain rests on.
    """

    claim: Claim
    from_: str | None
    to: str | None
    chain: tuple[Step, ...] = ()
    doubts: tuple[Unknown, ...] = ()


def finding_of(world: World, asked: Asked, subject: Subject, wrong: str, *, telling: tuple[str, ...] = ()) -> Finding:
    """The finding that an answer other than no is.

    A request that is allowed is a leak, unless what allows it stands for something that is not known: then that is to
    be told first. Where there is no request, and none can be ruled out, nothing is known either.

    Args:
        world: The estate.
        asked: The question and its answer.
        subject: What the finding is about.
        wrong: What is wrong if a request is allowed, as a sentence with the remedy; ``{action}`` stands for its action.
        telling: Context keys that the finding is about, which the request keeps though it may not need them.
    """
    question, answer = asked.question, asked.answer
    if not isinstance(answer, Sat):
        return _undecided(question, subject, "; ".join(answer.reasons))
    least = _least(question, answer, {one.lower() for one in telling})
    if least is None:
        return _undecided(question, subject, "the solver and the concrete evaluator differ about it")
    unknown = tuple(dict.fromkeys((*subject.doubts, *doubts(world, question, least))))
    # Names are others' text: what looks like a placeholder in them is none.
    reason = wrong.replace("{action}", least.witness.action, 1)
    if unknown:
        reason += f". It rests on what is not known: {'; '.join(f'{one.source}: {one.why}' for one in unknown)}"
    return Finding(
        verdict=Verdict.UNKNOWN if unknown else Verdict.LEAK,
        from_=subject.from_,
        to=subject.to,
        principal=question.caller.arn,
        action=least.witness.action,
        resource=least.witness.resource,
        context=texts_of(least.witness.context),
        chain=subject.chain,
        statements=statements_of(world, least),
        claim=subject.claim,
        reason=reason,
    )


def texts_of(context: Mapping[str, ContextValue]) -> dict[str, ContextText]:
    """A context as reports have it, without the keys that have no value."""
    return {key: _text(value) for key, value in context.items() if value is not None}


def _undecided(question: Question, subject: Subject, why: str) -> Finding:
    pattern = "".join(token if isinstance(token, str) else token.value for token in question.family.pattern)
    return Finding(
        verdict=Verdict.UNKNOWN,
        from_=subject.from_,
        to=subject.to,
        principal=question.caller.arn,
        resource=pattern,
        chain=subject.chain,
        claim=subject.claim,
        reason=f"whether a request is allowed cannot be decided: {why}. Write the policy without it",
    )


def _least(question: Question, sat: Sat, kept: set[str]) -> Sat | None:
    """The request replayed, without the context keys that it does not need, those of the caller among them."""
    request, policies = sat.witness, question.policies
    verdict = evaluate(request, policies)
    if not verdict.allowed:
        return None
    for key in [key for key in request.context if key.lower() not in kept]:
        less = replace(request, context={one: value for one, value in request.context.items() if one != key})
        decided = evaluate(less, policies)
        if decided.allowed:
            request, verdict = less, decided
    return Sat(request, verdict)


def _text(value: ContextValue) -> ContextText:
    """A value as JSON has it."""
    if isinstance(value, str | bool | int | float):
        return value
    return tuple(cast("tuple[str | bool | int | float, ...]", value))
