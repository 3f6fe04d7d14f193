"""The step to a new principal: whoever may make a role or user, and give it policies, has all rights that it gives.

A policy may require that new principals have a permissions boundary; then that boundary is the limit.
Source: IAM User Guide, "Permissions boundaries for IAM entities", Delegating responsibility to others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from infra.evaluator import catalogue
from infra.evaluator.glob import Template, Variable, glob
from infra.evaluator.policies import Applicable
from infra.evaluator.request import caller_of
from infra.proof import symbolic
from infra.proof.facts import Document, Principal, PrincipalKind
from infra.proof.reach.moves import Allowed, Move, first_allowed, move, not_known
from infra.proof.report import UnknownFact
from infra.proof.symbolic import Question
from infra.proof.world import Actor, Identity, World
from infra.proof.world.actors import boundary_policy, identity_policies
from infra.proof.world.families import form_of
from infra.proof.world.listing import allowing

_BOUNDARY = "iam:PermissionsBoundary"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How principals of a kind are made.

    Args:
        kind: The kind; its name is that of the type of resource.
        needed: What must be allowed: one action of each.
    """

    kind: PrincipalKind
    needed: tuple[tuple[str, ...], ...]


_KINDS = (
    _Kind(PrincipalKind.ROLE, (("iam:CreateRole",), ("iam:AttachRolePolicy", "iam:PutRolePolicy"))),
    _Kind(
        PrincipalKind.USER,
        (
            ("iam:CreateUser",),
            ("iam:AttachUserPolicy", "iam:PutUserPolicy"),
            ("iam:CreateAccessKey", "iam:CreateLoginProfile"),
        ),
    ),
)


def creating(world: World, actor: Actor, is_done: Callable[[str | None], bool]) -> Iterator[Move | UnknownFact]:
    """The principals that an actor can make for itself, with the weakest boundary that it can give them.

    Args:
        world: The estate.
        actor: Who makes them.
        is_done: Whether principals of an account that nothing limits are made already.
    """
    if is_done(actor.caller.account):
        return
    if actor.principal is None or actor.principal.arn not in world.principals:
        return  # what is made outside is outside; and what is new itself would make others like itself
    identity = identity_policies(world, actor)
    for one in _KINDS:
        if not all(any(allowing(identity, *map(str.lower, actions))) for actions in one.needed):
            continue
        for boundary, limit in _boundaries(world, actor):
            found = [first_allowed(world, [_asked(world, actor, one, each, boundary)]) for each in one.needed]
            allowed = [each for each in found if isinstance(each, Allowed)]
            if len(allowed) == len(found):
                to = _made(world, actor, actor.principal, one, allowed[0].sat.witness.resource, limit)
                yield move(world, "edit-policy", to, allowed[0], *allowed[1:])
                if limit is None:
                    break
            elif all(found):
                reasons = [reason for each in found if not isinstance(each, Allowed) for reason in each]
                yield not_known(actor, "edit-policy", f"a new {one.kind.value}", reasons)


_Boundary = tuple[str | None, Document | None]


def _boundaries(world: World, actor: Actor) -> Iterator[_Boundary]:
    """The boundaries that new principals can have, with what limits them: those without a limit first.

    None is the first; then come those that some condition names, with wildcards or variables in it or not. A policy
    that no principal of the estate has as its boundary, or that the actor can make itself, limits nothing.
    """
    policies = (*identity_policies(world, actor), *filter(None, [boundary_policy(world, actor)]))
    named = dict.fromkeys(
        _as_glob(value, variables=policy.has_variables)
        for policy in policies
        for statement in policy.statements
        for condition in statement.conditions
        if condition.key == _BOUNDARY.lower()
        for value in condition.values
    )
    limits = {one.boundary.arn: one.boundary for one in world.estate.principals if one.boundary is not None}
    yield None, None
    for value in named:
        made = first_allowed(world, [_making(world, actor, value)])
        if isinstance(made, Allowed):
            yield made.sat.witness.resource, None
        elif value not in limits and "*" not in value and "?" not in value:
            yield value, None
    for value in named:
        yield from ((arn, limit) for arn, limit in limits.items() if arn is not None and glob(value)(arn))


def _as_glob(text: str, *, variables: bool) -> str:
    tokens = Template.parse(text, variables=variables).tokens
    return "".join("*" if isinstance(one, Variable) else one if isinstance(one, str) else one.value for one in tokens)


def _making(world: World, actor: Actor, pattern: str) -> Question:
    """Whether an actor can write the policy that is to be the boundary."""
    return Question(
        caller=actor.caller,
        family=symbolic.Family.like(pattern, actor.caller.account or ""),
        actions=("iam:CreatePolicy", "iam:CreatePolicyVersion"),
        policies=Applicable(identity=identity_policies(world, actor), boundary=boundary_policy(world, actor)),
        fixed=actor.context,
        choosable_tags=actor.choosable_tags,
    )


def _asked(world: World, actor: Actor, kind: _Kind, actions: tuple[str, ...], boundary: str | None) -> Question:
    account = actor.caller.account or ""
    of_type = catalogue.resource_type("iam", kind.kind.value)
    form = form_of(of_type, account, actor.caller.arn.split(":")[1]) if of_type is not None else "*"
    return Question(
        caller=actor.caller,
        family=symbolic.Family.like(form, account),
        actions=actions,
        policies=Applicable(identity=identity_policies(world, actor), boundary=boundary_policy(world, actor)),
        fixed={**actor.context, _BOUNDARY: boundary},
        choosable_tags=actor.choosable_tags,
    )


def _made(world: World, actor: Actor, by: Principal, kind: _Kind, arn: str, limit: Document | None) -> Actor:
    while arn in world.principals:
        arn += "-new"
    caller = caller_of(arn)
    principal = Principal(
        arn=arn,
        kind=kind.kind,
        owner=actor.owner,
        account=caller.account,
        identity=(),
        boundary=limit,
        trust=None,
        tags={},
        source=by.source,
    )
    return Actor(
        caller=caller,
        principal=principal,
        owner=actor.owner,
        choosable_tags=("*",),
        identity=Identity.EVERYTHING,
        bounded=limit is not None,
        label=f"a new {kind.kind.value} of {actor.label}",
    )
