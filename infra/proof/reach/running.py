"""The steps by which a caller's code runs as a role: handed to a service, or put into what runs as it already.

Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service"; the access levels of actions are
those of the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.evaluator.document import Policy
from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.kinds import Effect
from infra.evaluator.policies import Applicable
from infra.evaluator.request import caller_of
from infra.proof import symbolic
from infra.proof.facts import Resource
from infra.proof.reach.moves import Allowed, Move, first_allowed, fixing, move, not_known
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, World, candidates, questions
from infra.proof.world.actors import boundary_policy, identity_policies, state_of
from infra.proof.world.families import form_of, named_by

_WORD = re.compile("[- ]")
_HAND_OVER = "iam:PassRole"
#: What an action that changes something begins with where it runs no code of the caller's: it calls, ends or marks.
_HARMLESS = (
    "Abort", "Cancel", "Delete", "Deregister", "Detach", "Disable", "Disassociate", "Invoke", "Reject", "Release",
    "Remove", "Revoke", "Stop", "Tag", "Terminate", "Untag",
)  # fmt: skip
#: Services whose name as a principal is not the prefix of the actions that make them run something.
#: Source: IAM User Guide, "AWS services that work with IAM"; the pages on service roles of the services.
_PREFIXES = {
    "apigateway": ("apigateway",),
    "automation": ("ssm",),
    "build.apprunner": ("apprunner",),
    "cloudwatch-crossaccount": ("cloudwatch",),
    "credentials.iot": ("iot",),
    "ec2": ("ec2", "autoscaling"),
    "ecs-tasks": ("ecs", "events", "scheduler"),
    "edgelambda": ("lambda", "cloudfront"),
    "eks-fargate-pods": ("eks",),
    "monitoring.rds": ("rds",),
    "opensearchservice": ("es",),
    "pods.eks": ("eks",),
    "spotfleet": ("ec2",),
    "tasks.apprunner": ("apprunner",),
    "vmie": ("ec2",),
    "vpc-flow-logs": ("ec2",),
}


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
                questions(world, Actor(caller=caller_of(service), label=service), resource, ("sts:AssumeRole",)),
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
    """The services that a trust policy names, and that have a name as services have it."""
    names = [
        one.value
        for statement in trust.statements
        if statement.effect is Effect.ALLOW
        for one in statement.principals or ()
        if one.type == "Service"
    ]
    return tuple(dict.fromkeys(filter(_is_service, names)))


def prefixes_of(service: str) -> tuple[str, ...]:
    """The prefixes of the actions that make a service act; none where its name does not tell.

    Args:
        service: Its name as a principal: ``logs.eu-central-1.amazonaws.com``.
    """
    name = service.removesuffix(".cn").removesuffix(".amazonaws.com").removesuffix(".amazon.com")
    labels = name.split(".")
    for known in (name, labels[0]):
        if known in _PREFIXES:
            return _PREFIXES[known]
    return tuple(label for label in labels if label in catalogue.services())[:1]


def changing(world: World, actor: Actor, prefix: str, *, typed: bool = False) -> Iterator[Question]:
    """Whether an actor may do anything that makes a service run something: with what is there, or what it makes.

    Args:
        world: The estate.
        actor: Who asks.
        prefix: The prefix of the service's actions.
        typed: Whether only actions that always name a resource count.
    """
    policies = Applicable(identity=identity_policies(world, actor), boundary=boundary_policy(world, actor))
    account, partition = actor.caller.account or "*", actor.caller.arn.split(":")[1]
    forms: dict[str, list[str]] = {}
    for one in changing_actions(prefix):
        kinds = [catalogue.resource_type(prefix, name) for name in (always_named(one) if typed else one.resource_types)]
        found = [form_of(kind, account, partition) for kind in kinds if kind is not None]
        for form in found if found or typed else ["*"]:
            forms.setdefault(form, []).append(one.full_name)
    for form, actions in forms.items():
        yield Question(
            caller=actor.caller,
            family=symbolic.Family.like(form, account),
            actions=tuple(actions),
            policies=policies,
            fixed=actor.context,
            choosable_tags=actor.choosable_tags,
        )


@lru_cache(maxsize=512)
def changing_actions(prefix: str) -> tuple[Action, ...]:
    """The actions of a service that may make it run something."""
    return tuple(one for one in catalogue.actions(prefix) if _runs(one, None))


def always_named(action: Action) -> tuple[str, ...]:
    """The types of which every call of an action names one: those that are required, or else several to choose from."""
    required, every = action.required_resource_types, action.resource_types
    return required or (every if len(every) > 1 else ())


def _changes(resource: Resource) -> tuple[str, ...]:
    """The actions that may put code into a resource that is there."""
    every = (pair for family in resource.families for pair in named_by(family))
    return tuple(one.full_name for one, kind in every if _runs(one, kind and kind.name))


def _runs(action: Action, kind: str | None) -> bool:
    """Whether an action may run code of the caller's in what is there, or in what it makes."""
    made = action.name.removeprefix("Create").lower()
    makes = action.name.startswith("Create") and kind is not None and made == _WORD.sub("", kind.lower())
    return action.access_level is AccessLevel.WRITE and not action.name.startswith(_HARMLESS) and not makes


def _is_service(name: str) -> bool:
    try:
        caller_of(name)
    except UnknownPrincipal:
        return False
    return True
