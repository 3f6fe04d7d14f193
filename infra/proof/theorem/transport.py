"""The claim that what takes requests without TLS refuses them, whoever asks.

Sources: Amazon S3 User Guide, "Protecting data with encryption in transit" and "Security best practices for Amazon S3";
Amazon SNS Developer Guide, "Amazon SNS security best practices"; Amazon SQS Developer Guide, "Amazon SQS security best
practices"; Amazon EFS User Guide, "Encrypting data in transit". The endpoints of the other services take TLS only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.request import caller_of
from infra.proof.facts import Resource
from infra.proof.report import Claim, Finding
from infra.proof.theorem.asking import Asked, first_allowed
from infra.proof.theorem.witness import Subject, finding_of
from infra.proof.world import Actor, Identity, World, actors_of, candidates

_KEY = "aws:SecureTransport"
#: Types that take requests without TLS unless their policy refuses them, and the actions that carry their content.
_TAKES_PLAIN: Mapping[str, str] = {
    "aws:efs/fileSystem:FileSystem": "elasticfilesystem:Client*",
    "aws:s3/accessPoint:AccessPoint": "s3:*",
    "aws:s3/bucket:Bucket": "s3:*",
    "aws:s3/bucketV2:BucketV2": "s3:*",
    "aws:sns/topic:Topic": "sns:Publish",
    "aws:sqs/queue:Queue": "sqs:*Message",
}


def transport(world: World, resources: Collection[Resource]) -> Iterator[Finding]:
    """What may be asked for without TLS: by those who may use it, and by whoever has all rights in the account.

    Args:
        world: The estate.
        resources: The resources to look at.
    """
    plain = {one.arn: one for one in resources if one.token in _TAKES_PLAIN}
    if not plain:
        return
    told: set[str] = set()
    for actor, resource in _asks(world, plain):
        if resource.arn in told:
            continue
        asked = first_allowed(world, actor, resource, actions=_carrying(resource.token), fixed={_KEY: False})
        if asked is not None:
            told.add(resource.arn)
            yield _finding(world, actor, resource, asked)


@lru_cache(maxsize=16)
def _carrying(token: str) -> tuple[str, ...]:
    return tuple(one.full_name for one in catalogue.matching_actions(_TAKES_PLAIN[token]))


def _asks(world: World, plain: dict[str, Resource]) -> Iterator[tuple[Actor, Resource]]:
    """Who is asked about: those whose policies a witness can name first."""
    for owner in dict.fromkeys(one.owner for one in plain.values()):
        for actor in actors_of(world, owner):
            yield from ((actor, one) for one in candidates(world, actor) if one.arn in plain)
    for resource in plain.values():
        account = world.account_of(resource)
        if account is not None:
            yield _administrator(account), resource


def _administrator(account: str) -> Actor:
    """Somebody of the account with all rights, whom no policy names."""
    caller = caller_of(f"arn:aws:iam::{account}:role/with-all-rights")
    return Actor(caller=caller, identity=Identity.EVERYTHING, choosable_tags=("*",), label="who has all rights")


def _finding(world: World, actor: Actor, resource: Resource, asked: Asked) -> Finding:
    wrong = f"{resource.source}: {{action}} can be asked for without TLS: deny its requests where {_KEY} is false"
    return finding_of(world, asked, Subject(Claim.TRANSPORT, actor.owner, resource.owner), wrong, telling=(_KEY,))
