"""Searches a mutant for a request that must not pass, by trying: no solver, no part of the proof, the policies alone.

The requests are a finite grid: the callers that a changed policy is about, and all that they can become x resources x
actions of the catalogue x contexts that an attacker would choose. What it finds is certain; what it does not find is
for the labels to review.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from infra.evaluator.catalogue import AccessLevel, Action
from infra.evaluator.document import Policy
from infra.evaluator.kinds import Effect
from infra.evaluator.request import ContextValue
from tests.isolation.contexts import OF_THE_ROUTE, SET_BY_AWS, contexts
from tests.isolation.deployed import Role
from tests.isolation.inventory import Resource
from tests.isolation.matrix import actions_on
from tests.proof.mutations.becoming import everybody, reached, services_for_others, strangers_who_become
from tests.proof.mutations.mutants import Mutant
from tests.proof.mutations.variant import OUTSIDE, TENANTS, Context, Somebody, Variant, administrator_of_the_account

#: Managing permissions by the catalogue, but meant: keys are granted to AWS's own resources, interfaces attached.
_MEANT = frozenset({"kms:CreateGrant", "kms:RetireGrant", "ec2:CreateNetworkInterfacePermission"})
#: What ends, hides or redirects what the theorem rests on, and is no managing of permissions by the catalogue.
_GUARDED = frozenset(
    {
        "kms:ScheduleKeyDeletion",
        "kms:DisableKey",
        "kms:UpdateAlias",
        "s3:PutBucketPolicy",
        "s3:DeleteBucket",
        "s3:PutReplicationConfiguration",
        "ec2:ModifyVpcEndpoint",
        "ec2:DeleteVpcEndpoints",
        "sagemaker:PutModelPackageGroupPolicy",
    }
)


#: In the ARN of a topic; that of a subscription to it has one more.
_COLONS = 5


@dataclass(frozen=True)
class Found:
    """A request that passes and must not.

    Args:
        claim: What it contradicts: ``isolation``, ``outside``, ``foundation`` or ``transport``.
        from_: Whose it is: a tenant, or ``outside``.
        to: Whose the resource is.
        chain: How the caller came to be who it is.
        principal: Who asks.
        action: ``service:Action``.
        resource: The ARN.
        context: The context.
        endpoint: The id of the endpoint that it comes through.
    """

    claim: str
    from_: str
    to: str
    chain: tuple[str, ...]
    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValue]
    endpoint: str | None = None


def search(mutant: Mutant) -> Iterator[Found]:
    """Requests of a mutant that pass and must not, as far as they depend on what was changed."""
    variant = Variant(mutant)
    roles, guarded = _changed_roles(variant), _with_changed_policies(variant)
    yield from _strangers(variant, roles)
    for resource in guarded:
        for service in services_for_others(variant, resource) if resource.owner in TENANTS else ():
            yield from _passing(variant, service, resource)
    for somebody in everybody(variant):
        for who in reached(variant, somebody):
            changed = bool(who.chain or mutant.added) or (who.role is not None and who.role.arn in roles)
            yield from _of_others(variant, who, variant.resources if changed else guarded)
            if changed and who.owner in TENANTS:
                yield from _foundation(variant, who)
    for resource in guarded:
        yield from _plain(variant, resource)


def _strangers(variant: Variant, roles: frozenset[str]) -> Iterator[Found]:
    """Strangers who become one of some roles."""
    for role in variant.roles:
        for stranger in strangers_who_become(variant, role) if role.arn in roles else ():
            yield Found("outside", OUTSIDE, role.owner, (), stranger, "sts:AssumeRole", role.arn, {})


def _of_others(variant: Variant, who: Somebody, resources: Iterable[Resource]) -> Iterator[Found]:
    """Requests on what is other tenants'."""
    for resource in resources:
        if resource.owner in TENANTS and resource.owner != who.owner:
            yield from _passing(variant, who, resource)


def _changed_roles(variant: Variant) -> frozenset[str]:
    """The ARNs of the roles that have other policies than were recorded."""
    before = {role.arn: _texts(role) for role in recorded_variant().roles}
    return frozenset(role.arn for role in variant.roles if before.get(role.arn) != _texts(role))


def _texts(role: Role) -> tuple[object, ...]:
    return tuple(one and one.statements for one in (role.trust, role.boundary, *role.identity))


def _with_changed_policies(variant: Variant) -> tuple[Resource, ...]:
    """The resources whose own policy is another than was recorded."""
    before = recorded_variant().deployed

    def differs(resource: Resource) -> bool:
        old, new = before.resource_policy(resource), variant.deployed.resource_policy(resource)
        return (old and old.statements) != (new and new.statements)

    return tuple(filter(differs, variant.resources))


@cache
def recorded_variant() -> Variant:
    """What was recorded, as it was."""
    return Variant(Mutant("as recorded", ""))


def _passing(variant: Variant, who: Somebody, resource: Resource) -> Iterator[Found]:
    """Requests on what is another's: any action, in the contexts that the caller can make."""
    claim = "outside" if who.owner == OUTSIDE else "isolation"
    allowing = _allowing(variant, who, resource)
    for action in _actions(resource):
        if allowing(action.full_name):
            yield from _in_contexts(variant, claim, who, action, resource)


def _foundation(variant: Variant, who: Somebody) -> Iterator[Found]:
    """Requests of a tenant's principal that change what the theorem rests on, whoever's it is."""
    for resource in variant.resources:
        allowing = _allowing(variant, who, resource)
        for action in _actions(resource):
            name = action.full_name
            manages = action.access_level is AccessLevel.PERMISSIONS and name not in _MEANT
            if (manages or name in _GUARDED) and name != "iam:PassRole" and allowing(name):
                yield from _in_contexts(variant, "foundation", who, action, resource)


def _plain(variant: Variant, resource: Resource) -> Iterator[Found]:
    """Requests with the content of what can be asked for without TLS: of the owner's roles, and of an administrator."""
    service = resource.arn.split(":")[2]
    is_part = service == "sns" and resource.arn.count(":") > _COLONS
    if resource.owner not in TENANTS or service not in ("s3", "sns") or is_part:
        return
    callers = [Somebody.of(role) for role in variant.roles if role.owner == resource.owner]
    for who in (*callers, administrator_of_the_account()):
        for found in _passing(variant, who, resource):
            if service == "s3" or found.action == "sns:Publish":
                endpoint = next((each for each in variant.deployed.endpoints if each.id == found.endpoint), None)
                context: Context = {**found.context, "aws:SecureTransport": False}
                unsafe = {key: value for key, value in context.items() if key != "s3:TlsVersion"}
                if variant.allowed(who, found.action, resource, unsafe, endpoint):
                    yield replace(found, claim="transport", context=unsafe)


def _in_contexts(variant: Variant, claim: str, who: Somebody, action: Action, resource: Resource) -> Iterator[Found]:
    as_role = who.role or variant.roles[0]
    ways = {str(way and way.id): way for way in variant.ways(action.service, who.owner, resource.owner)}
    wishes = {**variant.wishes(who.owner, resource.owner), "in the policies' own words": _words(variant, who, resource)}
    for _, endpoint, context in contexts(as_role, action, resource, wishes, ways):
        own = {key.lower() for key in who.context}
        said = {
            key: value
            for key, value in context.items()
            if not key.startswith("aws:PrincipalTag/") and key.lower() not in own
        }
        if variant.allowed(who, action.full_name, resource, said, endpoint):
            yield Found(
                claim=claim,
                from_=who.owner,
                to=resource.owner,
                chain=who.chain,
                principal=who.caller.role_arn or who.caller.arn,
                action=action.full_name,
                resource=resource.arn,
                context={**said, **who.context},
                endpoint=endpoint and endpoint.id,
            )


def _words(variant: Variant, who: Somebody, resource: Resource) -> Context:
    """What the Allow statements that a request meets compare with, as far as a caller can say it."""
    own = variant.own_policy(resource)
    return {
        condition.key: condition.values[0].replace("*", "x")
        for policy in (*who.identity, *([own] if own else []))
        for statement in policy.statements
        for condition in statement.conditions
        if statement.effect is Effect.ALLOW
        and condition.values
        and (condition.key not in SET_BY_AWS | OF_THE_ROUTE or condition.key.startswith("kms:encryptioncontext:"))
        and not condition.key.startswith(("aws:resourcetag/", "aws:principaltag/"))
        and not condition.operator.startswith(("Null", "Bool"))
    }


def _allowing(variant: Variant, who: Somebody, resource: Resource) -> Callable[[str], bool]:
    """Whether some Allow is about an action on a resource, conditions aside: what none is about need not be tried."""
    own = variant.own_policy(resource)
    patterns = [
        re.compile(action, re.IGNORECASE)
        for policy in (*who.identity, *([own] if own else []))
        for actions, resources in _allowed_by(policy)
        if resources.fullmatch(resource.arn)
        for action in actions
    ]
    return lambda action: (
        any(each.fullmatch(action) for each in patterns) or (":key/" in resource.arn and variant.has_grants)
    )


@cache
def _allowed_by(policy: Policy) -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    allows = [one for one in policy.statements if one.effect is Effect.ALLOW]
    return tuple(
        (
            tuple(map(fnmatch.translate, one.actions or ("*",))),
            re.compile("|".join(map(fnmatch.translate, one.resources or ("*",)))),
        )
        for one in allows
    )


@cache
def _actions(resource: Resource) -> tuple[Action, ...]:
    return tuple(dict.fromkeys(action for kind in resource.kinds for action in actions_on(kind)))
