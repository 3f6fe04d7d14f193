"""Asks everything about one actor and one resource, but for what is meant to be allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from infra.evaluator.document import Statement
from infra.evaluator.kinds import Effect
from infra.evaluator.policies import Applicable
from infra.evaluator.principals import names_caller
from infra.evaluator.request import Caller, CallerKind, ContextValue
from infra.proof.facts import Resource
from infra.proof.reach.moves import fixing
from infra.proof.symbolic import Family, Question, Sat, Unknown, Unsat
from infra.proof.theorem.exceptions import without
from infra.proof.world import Actor, World, ask, questions
from infra.proof.world.actors import boundary_policy, identity_policies
from infra.proof.world.families import lowered
from infra.proof.world.listing import lists


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was not answered with no.

    Args:
        question: The question.
        answer: A request that is allowed, or why there may be one.
    """

    question: Question
    answer: Sat | Unknown


def first_allowed(
    world: World,
    actor: Actor,
    resource: Resource,
    *,
    actions: Iterable[str] | None = None,
    excepted: tuple[Statement, ...] = (),
    fixed: Mapping[str, ContextValue] | None = None,
) -> Asked | None:
    """The first request of an actor on a resource that is allowed; None if there is none.

    Where no request is found, but one cannot be ruled out, that is the answer.

    Args:
        world: The estate.
        actor: Who asks.
        resource: The resource; what is in it, such as the objects of a bucket, is asked about too.
        actions: The actions; all of the catalogue that name such a resource where it is None.
        excepted: Requests that are not asked about.
        fixed: Further context keys that every request has, or with None has not.
    """
    asked = fixing(questions(world, actor, resource, actions), fixed or {})
    return first_of(world, (without(one, *excepted) for one in asked))


def first_of(world: World, asked: Iterable[Question]) -> Asked | None:
    """The first question with a request that is allowed, else the first without an answer; None if all are no.

    Args:
        world: The estate.
        asked: The questions.
    """
    undecided: Asked | None = None
    for whole in asked:
        question = replace(whole, actions=listed(whole))
        answer = ask(world, question)
        if isinstance(answer, Sat):
            return Asked(question, answer)
        if not isinstance(answer, Unsat) and undecided is None:
            undecided = Asked(question, answer)
    return undecided


def listed(question: Question) -> tuple[str, ...]:
    """The actions of a question that some statement or grant allows, under whatever condition: only these can be.

    The root user is allowed everything by no statement.
    """
    policies = question.policies
    if question.caller.kind is CallerKind.ROOT:
        return question.actions
    own = () if policies.resource is None else policies.resource.statements
    every = (*(one for policy in policies.identity for one in policy.statements), *own)
    allowing = [one for one in every if one.effect is Effect.ALLOW and _may_name(one, question.caller)]
    granted = {f"kms:{operation.lower()}" for grant in policies.grants for operation in grant.operations}
    return tuple(
        action
        for action, name in zip(question.actions, lowered(question.actions), strict=True)
        if name in granted or any(lists(one, name) for one in allowing)
    )


def _may_name(statement: Statement, caller: Caller) -> bool:
    """Whether a statement names a caller, or everybody; identity policies name nobody, and are about their holder."""
    names = statement.principals
    if names is None:
        return True
    return any(name.value == "*" or names_caller(name, caller) is not None for name in names)


def on_nothing_known(world: World, actor: Actor, arn: str, account: str, actions: tuple[str, ...]) -> Question:
    """Whether an actor may do anything to what no input holds, and what therefore has no policy that is known.

    Args:
        world: The estate.
        actor: Who asks.
        arn: An ARN with wildcards, or ``*`` for actions that name no resource.
        account: The account that it is in.
        actions: The actions.
    """
    return Question(
        caller=actor.caller,
        family=Family.exactly(arn, account) if arn == "*" else Family.like(arn, account),
        actions=actions,
        policies=Applicable(
            identity=identity_policies(world, actor), boundary=boundary_policy(world, actor), endpoint=actor.within
        ),
        fixed=actor.context,
        choosable_tags=actor.choosable_tags,
    )
