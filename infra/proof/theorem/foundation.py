"""The claim that no principal of a tenant, whatever it can become, may change what the proof rests on.

That is: policies, boundaries and trusts; keys, endpoints and the settings of buckets; logs of all; and the tag that
says whose something is. Of the tenant's own as well: whoever may open its bucket to the world needs nobody else for it.
What is another tenant's is asked about in `isolation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice

from msgspec import structs

from infra.evaluator import catalogue
from infra.evaluator.document import Condition, Statement
from infra.evaluator.glob import glob
from infra.evaluator.kinds import Effect
from infra.proof.facts import Resource
from infra.proof.facts.owners import OWNER_TAG
from infra.proof.reach import Reached
from infra.proof.report import Claim, Finding
from infra.proof.symbolic import Question
from infra.proof.theorem.asking import Asked, first_of, on_nothing_known
from infra.proof.theorem.exceptions import requests, without
from infra.proof.theorem.guards import guarded, tagging
from infra.proof.theorem.reaching import MOST_FINDINGS, by_chain
from infra.proof.theorem.sharing import Sharings
from infra.proof.theorem.witness import Subject, finding_of
from infra.proof.world import Actor, World, candidates, questions
from infra.proof.world.actors import identity_policies

_TAG_KEYS = "aws:TagKeys"
_NEW_TAG = f"aws:RequestTag/{OWNER_TAG}"
#: Grants that a service of AWS makes for what it encrypts, and ends with it: they pass nothing on.
#: Source: AWS KMS Developer Guide, "AWS KMS condition keys", kms:GrantIsForAWSResource.
_GRANTS_OF_SERVICES = requests(
    actions=("kms:CreateGrant",), conditions=(Condition("Bool", "kms:grantisforawsresource", ("true",)),)
)

#: Requests that change tags, but none that says whose something is.
_OF_OTHER_TAGS = requests(conditions=(Condition("ForAllValues:StringNotEquals", _TAG_KEYS.lower(), (OWNER_TAG,)),))
#: Who took such a step has been found by what the step changes; what it may change then says nothing more.
_EDITS = frozenset({"edit-policy", "edit-trust"})
_WRONG = (
    "{tenant} can do {{action}} on {what}, on which the proof rests: leave it to the platform, or deny it in the "
    "boundary of the tenant's roles"
)


def foundation(world: World, tenant: str, reached: Reached, sharings: Sharings) -> Iterator[Finding]:
    """What a tenant's principals can change that the proof rests on.

    Args:
        world: The estate.
        tenant: The tenant.
        reached: Everybody that its principals can become.
        sharings: What is meant: of the tenant's own too.
    """
    found = (
        finding_of(
            world,
            change.asked,
            Subject(Claim.FOUNDATION, tenant, change.to, reached.chain(actor), reached.doubts(actor)),
            _WRONG.format(tenant=tenant, what=change.what),
            telling=(_TAG_KEYS, _NEW_TAG),
        )
        for actor in by_chain(reached)
        if not any(step.kind in _EDITS for step in reached.chain(actor))
        for change in _changes(world, tenant, actor, sharings)
    )
    told = list(islice(found, MOST_FINDINGS + 1))
    yield from told[:MOST_FINDINGS]
    if len(told) > MOST_FINDINGS:
        yield structs.replace(
            told[MOST_FINDINGS], reason=f"{told[MOST_FINDINGS].reason}. There may be more of its kind"
        )


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that an actor can make.

    Args:
        what: Of what.
        to: Whose that is.
        asked: The question and its answer.
    """

    what: str
    to: str | None
    asked: Asked


def _changes(world: World, tenant: str, actor: Actor, sharings: Sharings) -> Iterator[_Change]:
    for resource in candidates(world, actor):
        shared = world.is_shared(resource.owner)
        if shared or resource.owner == tenant:
            meant = sharings.excepted(tenant, resource.owner)
            asked = first_of(world, (without(one, *meant) for one in _on(world, actor, resource, shared=shared)))
            if asked is not None:
                yield _Change(resource.arn, resource.owner, asked)
    for account in sorted(world.accounts):
        asked = first_of(world, _on_account(world, actor, account))
        if asked is not None:
            yield _Change(f"account {account}", None, asked)


def _on(world: World, actor: Actor, resource: Resource, *, shared: bool) -> Iterator[Question]:
    services = dict.fromkeys(family.service for family in resource.families)
    changing = [action for service in services for action in guarded(service, shared=shared)]
    for question in questions(world, actor, resource, changing):
        yield without(question, _GRANTS_OF_SERVICES)
    itself = replace(resource, families=resource.families[:1])
    tags = [action for service in services for action in tagging(service)]
    for question in questions(world, actor, itself, tags):
        yield without(question, _OF_OTHER_TAGS, *_keeping(resource.tags.get(OWNER_TAG)))


def _keeping(owner: str | None) -> tuple[Statement, ...]:
    """The requests that give a resource the owner that it has."""
    return () if owner is None else (requests(conditions=(Condition("StringEquals", _NEW_TAG.lower(), (owner,)),)),)


def _on_account(world: World, actor: Actor, account: str) -> Iterator[Question]:
    """Questions on what is there without being anybody's resource: the account's settings, and its names in IAM."""
    allowing = (
        one for policy in identity_policies(world, actor) for one in policy.statements if one.effect is Effect.ALLOW
    )
    services = {service for one in allowing for service in _services_in(one.actions)}
    actions = tuple(action for service in sorted(services) for action in _on_no_resource(service))
    yield on_nothing_known(world, actor, "*", account, actions)
    yield on_nothing_known(world, actor, f"arn:aws:iam::{account}:*", account, guarded("iam", shared=True))


@lru_cache(maxsize=4096)
def _services_in(actions: tuple[str, ...] | None) -> frozenset[str]:
    """The services that a statement is about; all of them for ``NotAction``."""
    prefixes = {"*"} if actions is None else {action.partition(":")[0] for action in actions}
    if prefixes <= catalogue.services():
        return frozenset(prefixes)
    matches = [glob(prefix) for prefix in prefixes]
    return frozenset(service for service in catalogue.services() if any(fits(service) for fits in matches))


@lru_cache(maxsize=512)
def _on_no_resource(service: str) -> tuple[str, ...]:
    """The actions of a service that name no resource and change what the proof rests on."""
    changing = frozenset(guarded(service, shared=True))
    nameless = (action.full_name for action in catalogue.actions(service) if not action.resources)
    return tuple(name for name in nameless if name in changing)
