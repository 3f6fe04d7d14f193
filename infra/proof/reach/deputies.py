"""The step by which a service acts for a caller: it does, of its own accord, what the caller's resource tells it to do.

The service's request then names that resource as its source. Source: IAM User Guide, "The confused deputy problem",
Cross-service confused deputy prevention.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, PrincipalName, Statement
from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.glob import Template, Variable
from infra.evaluator.kinds import Effect, PolicyKind
from infra.evaluator.request import Caller, caller_of
from infra.proof.reach.moves import Allowed, Move, first_allowed, move, not_known
from infra.proof.reach.running import changing, prefixes_of
from infra.proof.report import UnknownFact
from infra.proof.world import Actor, Identity, World
from infra.proof.world.actors import identity_policies
from infra.proof.world.listing import allowing

#: What names the source of a service's request, beside ``aws:SourceArn``: the encryption context of its calls to KMS.
#: Source: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS"; Amazon S3 User Guide,
#: "Using server-side encryption with AWS KMS keys"; AWS CloudTrail User Guide, "Configure AWS KMS key policies".
_SOURCES = (
    "aws:sourcearn",
    "kms:encryptioncontext:aws:cloudtrail:arn",
    "kms:encryptioncontext:aws:logs:arn",
    "kms:encryptioncontext:aws:s3:arn",
    "kms:encryptioncontext:aws:sns:topicarn",
    "kms:encryptioncontext:aws:sqs:arn",
)


def deputies(world: World, actor: Actor) -> Iterator[Move | UnknownFact]:
    """The services that some policy of a resource names, and that act for what an actor makes or changes.

    Args:
        world: The estate.
        actor: Who makes the service act.
    """
    for service in world.services_named:
        caller = _caller(service)
        prefixes = prefixes_of(service)
        if caller is None or not prefixes:
            continue
        for prefix in prefixes:
            sources = _sources(world, actor, prefix)
            if not sources:
                continue
            found = first_allowed(world, changing(world, actor, prefix, typed=True))
            if isinstance(found, Allowed):
                yield move(world, "run-code", _deputy(actor, caller, sources), found)
                break
            if found:
                yield not_known(actor, "run-code", service, found)


def _deputy(actor: Actor, caller: Caller, sources: tuple[str, ...]) -> Actor:
    return Actor(
        caller=caller,
        owner=actor.owner,
        fixed=(("aws:SourceAccount", actor.caller.account),),
        within=_within(sources),
        label=f"{caller.arn} for {actor.label}",
    )


def _sources(world: World, actor: Actor, prefix: str) -> tuple[str, ...]:
    """Globs of the resources of a service that an actor's policies let it make or change."""
    if actor.identity is Identity.EVERYTHING:
        return ("*",)
    actions = tuple(one.full_name.lower() for one in catalogue.actions(prefix) if one.required_resource_types)
    found: dict[str, None] = {}
    for policy in identity_policies(world, actor):
        for statement in allowing((policy,), *actions):
            texts = statement.resources if statement.resources is not None else ("*",)
            found.update(dict.fromkeys(_glob(text, variables=policy.has_variables) for text in texts))
    return tuple(sorted(found))


def _glob(text: str, *, variables: bool) -> str:
    """A pattern with any text for its variables."""
    tokens = Template.parse(text, variables=variables).tokens
    return "".join(
        "*" if isinstance(token, Variable) else token if isinstance(token, str) else token.value for token in tokens
    )


@lru_cache(maxsize=1024)
def _within(sources: tuple[str, ...]) -> Policy:
    """What every request passes that names one of some resources as its source, or none."""
    statement = Statement(
        index=0,
        sid=None,
        effect=Effect.ALLOW,
        principals=(PrincipalName("AWS", "*"),),
        actions=("*",),
        resources=("*",),
        conditions=tuple(Condition("StringLikeIfExists", key, sources) for key in _SOURCES),
    )
    return Policy(VARIABLES_SINCE, (statement,), PolicyKind.ENDPOINT, "what the service acts for")


def _caller(service: str) -> Caller | None:
    try:
        return caller_of(service)
    except UnknownPrincipal:
        return None
