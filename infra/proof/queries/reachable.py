"""Who can do something, and what somebody can do: by themselves, and by every chain of steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from infra.proof.facts import Resource
from infra.proof.queries.access import Access, access_of, become
from infra.proof.queries.named import actions_named, principals_named, resources_named
from infra.proof.reach import Reached, closure
from infra.proof.world import Actor, World, candidates, outsiders
from infra.proof.world.actors import states_of

#: Is told what is looked at.
Progress = Callable[[str], None]


def who_can(world: World, action: str, resource: str, progress: Progress = lambda _: None) -> tuple[Access, ...]:
    """Every principal that can do something to a resource, by itself or by the shortest chain; and the outside.

    Args:
        world: The estate.
        action: ``service:Action``, with wildcards.
        resource: An ARN or name, with wildcards: see `resources_named`.
        progress: Is told what is looked at.

    Raises:
        UserError: there is no such resource or action.
    """
    meant = {one.arn: one for one in resources_named(world, resource)}
    actions = actions_named(meant.values(), action)
    asked = _Asked(world, meant, actions)
    starts = [tuple(states_of(world, one)) for one in world.estate.principals]
    starts += [(one,) for one in outsiders(world)]
    found: list[Access] = []
    for place, start in enumerate(starts):
        progress(f"principal {place + 1} of {len(starts)}")
        reached = closure(world, start, asked.suffices)
        found.extend(one for actor in reached.actors for one in asked.by(reached, actor))
    return _shortest(found)


class _Asked:
    """Some actions on some resources, asked of each actor once.

    Args:
        world: The estate.
        resources: The resources, by ARN.
        actions: The actions.
    """

    def __init__(self, world: World, resources: Mapping[str, Resource], actions: tuple[str, ...]) -> None:
        self._world = world
        self._resources = resources
        self._actions = actions
        self._known: dict[Actor, tuple[Access, ...]] = {}

    def suffices(self, actor: Actor) -> bool:
        """Whether nobody can do more: every action, for certain, where the question is about one resource."""
        allowed = {one.action for one in self._of(actor) if not one.doubt}
        return len(self._resources) == 1 and len(allowed) == len(self._actions)

    def by(self, reached: Reached, actor: Actor) -> Iterator[Access]:
        """What an actor can do, as what whoever became it can."""
        start, chain = reached.start(actor), reached.chain(actor)
        for one in self._of(actor):
            yield become(one, start, chain, reached.doubts(actor))

    def _of(self, actor: Actor) -> tuple[Access, ...]:
        if actor not in self._known:
            there = [one.arn for one in candidates(self._world, actor, self._actions) if one.arn in self._resources]
            self._known[actor] = tuple(
                one for arn in there for one in access_of(self._world, actor, self._resources[arn], self._actions)
            )
        return self._known[actor]


def can(world: World, principal: str, progress: Progress = lambda _: None) -> tuple[Access, ...]:
    """Everything that a principal can do to what is in the estate, by itself or by the shortest chain.

    Args:
        world: The estate.
        principal: An ARN or name, with wildcards.
        progress: Is told what is looked at.

    Raises:
        UserError: there is no such principal.
    """
    found: list[Access] = []
    for one in principals_named(world, principal):
        reached = closure(world, states_of(world, one))
        for place, actor in enumerate(reached.actors):
            progress(f"{one.arn}: state {place + 1} of {len(reached.actors)}")
            found.extend(
                become(each, reached.start(actor), reached.chain(actor), reached.doubts(actor))
                for resource in candidates(world, actor)
                for each in access_of(world, actor, resource)
            )
    return _shortest(found)


def _shortest(found: Iterable[Access]) -> tuple[Access, ...]:
    """Each access once, by a chain that is certain if there is one, and by the shortest; in order."""
    kept: dict[tuple[str, str, str], Access] = {}
    for one in sorted(found, key=lambda each: (bool(each.doubt), len(each.via), each.via)):
        kept.setdefault((one.principal, one.action, one.resource), one)
    return tuple(
        sorted(kept.values(), key=lambda one: (len(one.via), one.owner or "", one.principal, one.resource, one.action))
    )
