"""What can be asked of an actor about a resource: everything that decides about it, in the form that `decide` takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from infra.evaluator.catalogue import Action, ResourceType
from infra.evaluator.document import Policy
from infra.evaluator.policies import Applicable
from infra.evaluator.request import CallerKind, ContextValue
from infra.proof import symbolic
from infra.proof.facts import Family, Resource
from infra.proof.symbolic import Question, Sat, SymbolicAnswer, decide
from infra.proof.world.actors import Actor, boundary_policy, identity_policies
from infra.proof.world.families import actions_written, named_by
from infra.proof.world.mentions import keys_in
from infra.proof.world.routing import routed
from infra.proof.world.tags import tag_keys, tags_told
from infra.proof.world.world import World

#: Actions on a role that ask about the boundary that it has; for all others the key is about the one that it will get.
#: Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
#: Management (IAM)", iam:PermissionsBoundary.
_OF_BOUNDED = frozenset(
    {
        "attachrolepolicy", "attachuserpolicy", "deleterolepermissionsboundary", "deleterolepolicy",
        "deleteuserpermissionsboundary", "deleteuserpolicy", "detachrolepolicy", "detachuserpolicy", "putrolepolicy",
        "putuserpolicy",
    }
)  # fmt: skip
_BOUNDARY = "iam:PermissionsBoundary"
_Fixed = tuple[tuple[str, ContextValue], ...]


def questions(
    world: World, actor: Actor, resource: Resource, actions: Iterable[str] | None = None
) -> Iterator[Question]:
    """Whether an actor may do anything to a resource or to what is in it: at least one question a family.

    The network is left open: `ask` closes it.

    Args:
        world: The estate.
        actor: Who asks.
        resource: The resource.
        actions: The actions, ``service:Action``; all of the catalogue for its types where it is None. One that names
            none of its types is left out.
    """
    wanted = None if actions is None else {action.lower() for action in actions}
    # A service that acts for a caller becomes a role only if it is handed one.
    asks_trust = (False,) if actor.caller.kind is CallerKind.SERVICE and actor.within is not None else (False, True)
    for family in resource.families:
        for trust in asks_trust:
            named = [
                (one, kind)
                for one, kind in named_by(family)
                if (one.service == "sts") is trust and (wanted is None or one.full_name.lower() in wanted)
            ]
            if named:
                yield from _of_family(world, actor, resource, family, named, trust=trust)
        if wanted is None and not named_by(family):
            policies = policies_for(world, actor, resource)
            written = actions_written(family.service or "unknown", policies.documents())
            yield _question(world, actor, resource, family, written, policies, {})


def ask(world: World, question: Question) -> SymbolicAnswer:
    """Whether any request of a question is allowed by any way through the network.

    Args:
        world: The estate, whose endpoints have policies.
        question: A question of `questions`.
    """
    found = decide(question)
    if not isinstance(found, Sat) or not world.estate.routes:
        return found
    reasons: list[str] = []
    for one in routed(world, question):
        answer = decide(one)
        if isinstance(answer, Sat):
            return answer
        if isinstance(answer, symbolic.Unknown):
            reasons.extend(answer.reasons)
    return symbolic.Unknown(tuple(dict.fromkeys(reasons))) if reasons else symbolic.Unsat()


def policies_for(world: World, actor: Actor, resource: Resource, *, trust: bool = False) -> Applicable:
    """Everything that applies to an actor's requests on a resource.

    Args:
        world: The estate.
        actor: Who asks.
        resource: The resource.
        trust: Whether the requests are to become the role that the resource is.
    """
    return Applicable(
        identity=identity_policies(world, actor),
        boundary=boundary_policy(world, actor),
        resource=_trust_of(world, resource) if trust else world.resource_policy(resource),
        trust=trust,
        endpoint=actor.within,
        grants=world.grants_on(resource.arn),
    )


def _of_family(
    world: World,
    actor: Actor,
    resource: Resource,
    family: Family,
    named: list[tuple[Action, ResourceType | None]],
    *,
    trust: bool,
) -> Iterator[Question]:
    policies = policies_for(world, actor, resource, trust=trust)
    keys = keys_in(policies)
    told, known = tag_keys(keys), world.has_known_tags(resource)
    asks_boundary = _BOUNDARY.lower() in keys and resource.arn in world.principals
    groups: dict[tuple[_Fixed | None, bool], list[str]] = {}
    for action, kind in named:
        bounded = asks_boundary and action.name.lower() in _OF_BOUNDED
        for tags in tags_told(resource, family, action, kind, told, known=known):
            fixed = None if tags is None else tuple(sorted(tags.items()))
            groups.setdefault((fixed, bounded), []).append(action.full_name)
    for (tags, bounded), those in groups.items():
        more: dict[str, ContextValue] = dict(tags or ())
        if bounded:
            more.update(_boundary_of(world, resource))
        yield _question(world, actor, resource, family, tuple(those), policies, more)


def _question(
    world: World,
    actor: Actor,
    resource: Resource,
    family: Family,
    actions: tuple[str, ...],
    policies: Applicable,
    more: Mapping[str, ContextValue],
) -> Question:
    account = world.account_of(resource) or actor.caller.account or ""
    fixed: dict[str, ContextValue] = {**actor.context, **more}
    if family.service == "s3":
        fixed["s3:ResourceAccount"] = account
    return Question(
        caller=actor.caller,
        family=symbolic.Family.like(family.pattern, account),
        actions=actions,
        policies=policies,
        fixed=fixed,
        choosable_tags=actor.choosable_tags,
    )


def _trust_of(world: World, resource: Resource) -> Policy | None:
    role = world.principals.get(resource.arn)
    return None if role is None else world.trust(role)


def _boundary_of(world: World, resource: Resource) -> dict[str, ContextValue]:
    """What requests say of the boundary of a principal; nothing where it is not known which that is."""
    boundary = world.principals[resource.arn].boundary
    if boundary is not None and boundary.arn is None:
        return {}
    return {_BOUNDARY: None if boundary is None else boundary.arn}
