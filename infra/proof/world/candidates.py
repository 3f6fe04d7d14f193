"""Which resources are worth a question: those that an actor's policies, or their own, could let it reach at all.

Everything that `decide` could allow is among them; that most of the estate is not is what makes a proof fast.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from infra.evaluator.request import CallerKind
from infra.proof.facts import Resource
from infra.proof.world.actors import Actor, identity_policies
from infra.proof.world.families import lowered
from infra.proof.world.family_index import FamilyIndex, actions_among
from infra.proof.world.meeting import may_pass
from infra.proof.world.world import World

#: Callers that have no identity policies.
_WITHOUT_IDENTITY = frozenset({CallerKind.SERVICE, CallerKind.FEDERATED, CallerKind.CANONICAL, CallerKind.ANONYMOUS})


def candidates(world: World, actor: Actor, actions: tuple[str, ...] | None = None) -> tuple[Resource, ...]:
    """The resources that an actor could be allowed anything on, and perhaps a few more.

    Args:
        world: The estate.
        actor: Who asks.
        actions: The actions to look for, ``service:Action``; any where it is None.
    """
    wanted = None if actions is None else frozenset(lowered(actions))
    found = {_key(one): one for one in world.naming.naming(actor.caller) if _passes(world, actor, one)}
    if actor.caller.kind not in _WITHOUT_IDENTITY:
        account = actor.caller.account
        across = {one.arn for one in world.naming.by_account.get(account or "", ())}
        for one in _index(world).allowed_by(identity_policies(world, actor), wanted):
            if _key(one) not in found and (world.account_of(one) in (None, account) or one.arn in across):
                found[_key(one)] = one
    if wanted is None:
        return tuple(found.values())
    return tuple(one for one in found.values() if any(actions_among(each, wanted) for each in one.families))


def _key(resource: Resource) -> tuple[str, str]:
    """What tells resources apart, of which several may have no ARN that is known yet."""
    return resource.arn, resource.source.urn


def _passes(world: World, actor: Actor, resource: Resource) -> bool:
    """Whether a resource's policy may allow something to a service whose requests must pass another policy too."""
    if actor.within is None or actor.caller.kind is not CallerKind.SERVICE or resource.arn in world.principals:
        return True
    return may_pass(world, resource, actor.arn, actor.within)


_INDEXES: WeakKeyDictionary[World, FamilyIndex] = WeakKeyDictionary()


def _index(world: World) -> FamilyIndex:
    found = _INDEXES.get(world)
    if found is None:
        found = _INDEXES[world] = FamilyIndex(world.all_resources)
    return found
