"""For what resources a service acts when a caller makes it act: those that the caller's policies let it make or change.

Source: IAM User Guide, "AWS global condition context keys", aws:SourceArn and aws:SourceAccount.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, PrincipalName, Statement
from infra.evaluator.glob import Template, Variable
from infra.evaluator.kinds import Effect, PolicyKind
from infra.proof.reach.starting import always_named, changing_actions
from infra.proof.world import Actor, World
from infra.proof.world.actors import identity_policies
from infra.proof.world.families import form_of
from infra.proof.world.listing import lists

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
#: Any ARN.
_ANY = "arn:*:*:*:*:*"


@dataclass(frozen=True, slots=True)
class Source:
    """Resources that one statement lets an actor make or change.

    Args:
        globs: What their ARNs match by the statement's resources.
        forms: What they match by the types that its actions name.
    """

    globs: tuple[str, ...]
    forms: tuple[str, ...]


def sources_of(world: World, actor: Actor, prefix: str) -> tuple[Source, ...]:
    """What of a service an actor's policies let it make or change: of the types that its actions name."""
    account = actor.caller.account or "*"
    found: dict[Source, None] = {}
    for policy in identity_policies(world, actor):
        for statement in policy.statements:
            if statement.effect is Effect.ALLOW:
                forms = _forms(statement.actions, statement.not_actions, prefix, account)
                texts = statement.resources if statement.resources is not None else ("*",)
                globs = tuple(sorted({_glob(text, variables=policy.has_variables) for text in texts}))
                if forms:
                    found[Source(globs, forms)] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def _forms(
    actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None, prefix: str, account: str
) -> tuple[str, ...]:
    """Globs of the ARNs of all that the changing actions among some name, in an account."""
    about = Statement(
        index=0, sid=None, effect=Effect.ALLOW, actions=actions, not_actions=not_actions, resources=("*",)
    )
    typed = [one for one in changing_actions(prefix) if always_named(one)]
    listed = [one for one in typed if lists(about, one.full_name.lower())]
    kinds = (catalogue.resource_type(prefix, name) for one in listed for name in always_named(one))
    found = {_ANY if kind is None else form_of(kind, account, "*") for kind in kinds}
    if len(listed) == len(typed):
        # Any type: then the account tells as much, and one pattern is told apart faster than many.
        found = {form if f":{account}:" not in form else f"arn:*:*:*:{account}:*" for form in found}
    return tuple(sorted(found))


def _glob(text: str, *, variables: bool) -> str:
    """A pattern with any text for its variables."""
    tokens = Template.parse(text, variables=variables).tokens
    return "".join(
        "*" if isinstance(token, Variable) else token if isinstance(token, str) else token.value for token in tokens
    )


def _conditions(source: Source) -> Iterator[Condition]:
    for key in _SOURCES:
        yield Condition("ArnLikeIfExists", key, source.forms)
        if "*" not in source.globs:
            yield Condition("StringLikeIfExists", key, source.globs)


@lru_cache(maxsize=1024)
def acting_for(sources: tuple[Source, ...]) -> Policy:
    """What every request passes that names one of some resources as its source, or none."""
    statements = tuple(
        Statement(
            index=index,
            sid=None,
            effect=Effect.ALLOW,
            principals=(PrincipalName("AWS", "*"),),
            actions=("*",),
            resources=("*",),
            conditions=tuple(_conditions(one)),
        )
        for index, one in enumerate(sources)
    )
    return Policy(VARIABLES_SINCE, statements, PolicyKind.ENDPOINT, "what the service acts for")
