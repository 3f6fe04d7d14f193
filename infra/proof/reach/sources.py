"""For what resources a service acts when a caller makes it act: those that the caller's policies let it make or change.

Source: IAM User Guide, "AWS global condition context keys", aws:SourceArn and aws:SourceAccount.
"""

from __future__ import annotations

from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import Action
from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, PrincipalName, Statement
from infra.evaluator.glob import Template, Variable
from infra.evaluator.kinds import Effect, PolicyKind
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


def sources_of(world: World, actor: Actor, prefix: str) -> tuple[str, ...]:
    """Globs of the resources of a service that an actor's policies let it make or change."""
    all_own = (f"arn:*:{prefix}:*:{actor.caller.account}:*", *(("arn:*:s3:::*",) if prefix == "s3" else ()))
    if actor.identity is Identity.EVERYTHING:
        return all_own
    actions = tuple(one.full_name.lower() for one in catalogue.actions(prefix) if always_named(one))
    found: dict[str, None] = {}
    for policy in identity_policies(world, actor):
        for statement in allowing((policy,), *actions):
            texts = statement.resources if statement.resources is not None else ("*",)
            for text in texts:
                found.update(dict.fromkeys(all_own if text == "*" else [_glob(text, variables=policy.has_variables)]))
    return tuple(sorted(found))


def always_named(action: Action) -> tuple[str, ...]:
    """The types of which every call of an action names one: those that are required, or else several to choose from."""
    required, every = action.required_resource_types, action.resource_types
    return required or (every if len(every) > 1 else ())


def _glob(text: str, *, variables: bool) -> str:
    """A pattern with any text for its variables."""
    tokens = Template.parse(text, variables=variables).tokens
    return "".join(
        "*" if isinstance(token, Variable) else token if isinstance(token, str) else token.value for token in tokens
    )


@lru_cache(maxsize=1024)
def acting_for(sources: tuple[str, ...]) -> Policy:
    """What every request passes that names one of some resources as its source, or none."""
    statement = Statement(
        index=0,
        sid=None,
        effect=Effect.ALLOW,
        principals=(PrincipalName("AWS", "*"),),
        actions=("*",),
        resources=("*",),
        conditions=tuple(Condition("ArnLikeIfExists", key, sources) for key in _SOURCES),
    )
    return Policy(VARIABLES_SINCE, (statement,), PolicyKind.ENDPOINT, "what the service acts for")
