"""The claim that every tenant can do what its specification says: without it an estate that allows nothing would pass.

A control that fails is no leak: what is known is only that policies and specification differ, so nothing is proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from infra.evaluator.glob import glob
from infra.proof.facts import Resource
from infra.proof.reach.moves import fixing
from infra.proof.report import Claim, ContextText, Finding, Verdict
from infra.proof.symbolic import Family, Question, Sat
from infra.proof.theorem.asking import first_of, on_nothing_known
from infra.proof.theorem.inputs import Control
from infra.proof.theorem.witness import texts_of
from infra.proof.world import Actor, World, questions
from infra.proof.world.actors import states_of


def controls(world: World, those: Iterable[Control]) -> Iterator[Finding]:
    """The controls that fail: of which no request is allowed, in whatever context the caller can choose.

    Args:
        world: The estate.
        those: The controls.
    """
    for one in those:
        principal = world.principals.get(one.principal_arn)
        if principal is None:
            yield _finding(one, "no input holds the principal: give the stack that it is in")
            continue
        states = states_of(world, principal)
        answers = [first_of(world, fixing(_asked(world, actor, one), one.context)) for actor in states]
        if not any(found is not None and isinstance(found.answer, Sat) for found in answers):
            yield _finding(one, "no policy allows it, or one denies it: grant what the specification says")


def _asked(world: World, actor: Actor, one: Control) -> Iterator[Question]:
    resource = _resource(world, one.resource)
    if resource is None:
        account = actor.caller.account or ""
        yield on_nothing_known(world, actor, one.resource, account, (one.action,))
        return
    for question in questions(world, actor, resource, (one.action,)):
        yield replace(question, family=Family.exactly(one.resource, question.family.account))


def _resource(world: World, arn: str) -> Resource | None:
    """The resource that an ARN is of, or in."""
    if arn in world.resources:
        return world.resources[arn]
    within = [
        (len(family.pattern), each)
        for each in world.all_resources
        for family in each.families
        if glob(family.pattern)(arn)
    ]
    return max(within, key=lambda found: found[0])[1] if within else None


def _finding(one: Control, why: str) -> Finding:
    context: dict[str, ContextText] = texts_of(one.context)
    return Finding(
        verdict=Verdict.UNKNOWN,
        from_=one.owner,
        to=one.owner,
        principal=one.principal_arn,
        action=one.action,
        resource=one.resource,
        context=context,
        claim=Claim.CONTROL,
        reason=f"{one.owner} cannot do {one.action} on {one.resource}: {why}",
    )
