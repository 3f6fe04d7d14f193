"""The steps by which a caller's code runs as a role: handed to a service, or put into what runs as it already.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; the access levels of actions are
those of the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from infra.evaluator.document import Policy, PrincipalName
from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.kinds import Effect
from infra.evaluator.request import caller_of
from infra.proof.facts import Resource
from infra.proof.reach.moves import Allowed, Move, first_allowed, fixing, move, not_known
from infra.proof.reach.sources import acting_for, sources_of
from infra.proof.reach.starting import changing, prefixes_of, runs
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, World, candidates, questions
from infra.proof.world.actors import state_of
from infra.proof.world.families import named_by

_HAND_OVER = "iam:PassRole"
#: Services that assume a passed role in the name of the very resource that the caller makes; of the others it is open.
#: Source: SageMaker AI Developer Guide, "Cross-service confused deputy prevention"; AWS CodeBuild User Guide and AWS
#: Step Functions Developer Guide, the pages of the same name; AWS Lambda Developer Guide, "Execution role".
_NAME_THEIR_SOURCE = frozenset({"codebuild", "lambda", "sagemaker", "states"})
_EVERYBODY = PrincipalName("AWS", "*")
#: The services that a role is handed to for running code. Source: IAM User Guide, "Grant a user permissions to pass a
#: role to an AWS service"; the pages on service roles of the services.
_RUN_ANY_CODE = (
    "cloudformation.amazonaws.com",
    "codebuild.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "glue.amazonaws.com",
    "lambda.amazonaws.com",
    "sagemaker.amazonaws.com",
    "states.amazonaws.com",
)


def passing(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles that an actor can hand to a service that runs code for it.

    Args:
        world: The estate.
        actor: Who hands over.
        is_known: Whether an actor needs no step any more.
    """
    for resource in candidates(world, actor, (_HAND_OVER,)):
        role = world.principals.get(resource.arn)
        trust = None if role is None else world.trust(role)
        if role is None or trust is None:
            continue
        target = state_of(world, role)
        for service in () if is_known(target) else services_in(trust):
            asked = [
                fixing(questions(world, actor, resource, (_HAND_OVER,)), {"iam:PassedToService": service}),
                _becoming(world, actor, service, resource),
            ]
            prefixes = prefixes_of(service)
            if prefixes:  # whoever may hand a role to a service whose actions nothing names counts as its user
                asked.append(one for prefix in prefixes for one in changing(world, actor, prefix))
            found = [first_allowed(world, each) for each in asked]
            allowed = [each for each in found if isinstance(each, Allowed)]
            if len(allowed) == len(found):
                yield move(world, "pass-role", target, allowed[0], *allowed[1:])
                break
            if all(found):
                reasons = [reason for each in found if not isinstance(each, Allowed) for reason in each]
                yield not_known(actor, "pass-role", role.arn, reasons)


def running(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The roles that things run as into which an actor can put code, or in which it can open a session.

    Args:
        world: The estate.
        actor: Who puts it there.
        is_known: Whether an actor needs no step any more.
    """
    if not world.runners:
        return
    for resource in candidates(world, actor):
        for arn in resource.runs_as if resource.arn in world.runners else ():
            role = world.principals.get(arn)
            target = None if role is None else state_of(world, role)
            if target is None or is_known(target):
                continue
            found = first_allowed(world, questions(world, actor, resource, _changes(resource)))
            if isinstance(found, Allowed):
                yield move(world, "run-code", target, found)
            elif found:
                yield not_known(actor, "run-code", resource.arn, found)


def services_in(trust: Policy) -> tuple[str, ...]:
    """The services that a trust policy names, and that have a name as services have it.

    Where it trusts everybody, services are among them: then it is those that run code which anybody hands them.
    """
    trusted = [
        one
        for statement in trust.statements
        if statement.effect is Effect.ALLOW
        for one in statement.principals or (_EVERYBODY,)
    ]
    names = [one.value for one in trusted if one.type == "Service"]
    if any(one.value == "*" for one in trusted):
        names.extend(_RUN_ANY_CODE)
    return tuple(dict.fromkeys(filter(_is_service, names)))


def _becoming(world: World, actor: Actor, service: str, resource: Resource) -> Iterator[Question]:
    """Whether a service may assume a role on behalf of what an actor makes it run."""
    account = (("aws:SourceAccount", actor.caller.account),)
    caller = Actor(caller=caller_of(service), fixed=account, label=service)
    sources = [sources_of(world, actor, prefix) for prefix in prefixes_of(service) if prefix in _NAME_THEIR_SOURCE]
    for question in questions(world, caller, resource, ("sts:AssumeRole",)):
        if not sources:
            yield question
        for those in filter(None, sources):
            yield replace(question, policies=replace(question.policies, endpoint=acting_for(those)))


def _changes(resource: Resource) -> tuple[str, ...]:
    """The actions that may put code into a resource that is there."""
    every = (pair for family in resource.families for pair in named_by(family))
    return tuple(one.full_name for one, kind in every if runs(one, kind and kind.name))


def _is_service(name: str) -> bool:
    try:
        caller_of(name)
    except UnknownPrincipal:
        return False
    return True
