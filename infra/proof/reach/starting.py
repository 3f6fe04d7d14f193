"""What makes a service run something: the actions that do, and whether an actor may do any of them.

The access levels of actions are those of the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.evaluator.policies import Applicable
from infra.proof import symbolic
from infra.proof.symbolic import Question
from infra.proof.world import Actor, World
from infra.proof.world.actors import boundary_policy, identity_policies
from infra.proof.world.families import form_of, lowered
from infra.proof.world.listing import allowing
from infra.proof.world.overlap import ends_of, may_meet

_WORD = re.compile("[- ]")
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
        if not _is_met(policies, form, lowered(tuple(actions))):
            continue
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
    return tuple(one for one in catalogue.actions(prefix) if runs(one, None))


def always_named(action: Action) -> tuple[str, ...]:
    """The types of which every call of an action names one: those that are required, or else several to choose from."""
    required, every = action.required_resource_types, action.resource_types
    return required or (every if len(every) > 1 else ())


def runs(action: Action, kind: str | None) -> bool:
    """Whether an action may run code of the caller's.

    Args:
        action: The action.
        kind: The type of a resource that is there; None for what the action makes.
    """
    made = action.name.removeprefix("Create").lower()
    makes = action.name.startswith("Create") and kind is not None and made == _WORD.sub("", kind.lower())
    return action.access_level is AccessLevel.WRITE and not action.name.startswith(_HARMLESS) and not makes


def _is_met(policies: Applicable, form: str, actions: tuple[str, ...]) -> bool:
    """Whether some statement of the caller's policies could allow an action on resources of a form."""
    return any(
        statement.resources is None
        or any(may_meet(ends_of(text, variables=policy.has_variables), ends_of(form)) for text in statement.resources)
        for policy in policies.identity
        for statement in allowing((policy,), *actions)
    )
