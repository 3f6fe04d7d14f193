"""Who can do what to what: one entry for each principal, resource and set of actions that is allowed the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from infra.evaluator import catalogue
from infra.evaluator.request import ContextValue
from infra.proof.facts import Resource, Unknown
from infra.proof.queries.granted import granted
from infra.proof.report import Statement, Step
from infra.proof.world import Actor, World, actors_of, candidates, outsiders

#: Whose principals those are that are nobody's of the estate.
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one principal can do to one resource.

    Args:
        principal: The ARN of who asks first; ``*`` for the anonymous.
        owner: Whose it is; ``outside`` for who is not of the estate, None where nobody's.
        action: ``service:Action``.
        level: What the action does: ``Read``, ``Write`` and so on.
        resource: The ARN; ``*`` in it stands for what is in it, or not known yet.
        resource_owner: Whose it is; None where nobody's.
        via: The ARNs of whom the principal becomes first, in order; empty where it asks itself.
        chain: The steps to the last of them.
        context: The context keys that one allowed request needs, with their values.
        statements: What allows the action.
        doubt: Why it is not certain; empty where it is.
    """

    principal: str
    owner: str | None
    action: str
    level: str
    resource: str
    resource_owner: str | None
    via: tuple[str, ...] = ()
    chain: tuple[Step, ...] = field(default=(), compare=False)
    context: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue], compare=False)
    statements: tuple[Statement, ...] = field(default=(), compare=False)
    doubt: str = field(default="", compare=False)


#: What pairs to look at.
Wanted = Callable[[Actor, Resource], bool]


def access(world: World, wanted: Wanted | None = None) -> frozenset[Access]:
    """Everything that principals of an estate, and those outside of it, can do to its resources by themselves.

    What they can do as somebody else is that one's; that they can become it is an entry of its own.

    Args:
        world: The estate.
        wanted: Which actors and resources are looked at; all where it is None.
    """
    return frozenset(
        one
        for actor in everybody(world)
        for resource in candidates(world, actor)
        if wanted is None or wanted(actor, resource)
        for one in access_of(world, actor, resource)
    )


def everybody(world: World) -> Iterator[Actor]:
    """Every principal of an estate in each of its states, and everybody outside."""
    owners = {one.owner for one in world.estate.principals}
    for owner in sorted(owners, key=lambda one: (one is None, one or "")):
        yield from actors_of(world, owner)
    yield from outsiders(world)


def access_of(world: World, actor: Actor, resource: Resource, actions: Iterable[str] | None = None) -> Iterator[Access]:
    """What an actor can do to a resource.

    Args:
        world: The estate.
        actor: Who asks.
        resource: The resource.
        actions: The actions; all of the catalogue where it is None.
    """
    for pattern, found in granted(world, actor, resource, actions):
        for action in found.actions:
            yield Access(
                principal=name_of(actor),
                owner=_owner_of(actor),
                action=action,
                level=_level(action),
                resource=pattern,
                resource_owner=resource.owner,
                context=found.context,
                statements=found.statements,
                doubt=found.doubt,
            )


def become(one: Access, start: Actor, chain: tuple[Step, ...], doubts: Iterable[Unknown]) -> Access:
    """What somebody can do after it has become another.

    Args:
        one: What the other can do.
        start: Who became the other.
        chain: The steps by which it did; empty where it is the other.
        doubts: What is not known that the steps rest on.
    """
    unsure = "; ".join(filter(None, (one.doubt, *(f"{each.source}: {each.why}" for each in doubts))))
    via = tuple(step.becomes for step in chain)
    return replace(one, principal=name_of(start), owner=_owner_of(start), via=via, chain=chain, doubt=unsure)


def name_of(actor: Actor) -> str:
    """How tables call an actor: its ARN as it was read."""
    return actor.principal.arn if actor.principal is not None else actor.arn


def _owner_of(actor: Actor) -> str | None:
    if actor.principal is not None:
        return actor.principal.owner
    return actor.owner if actor.owner is not None else OUTSIDE


def _level(action: str) -> str:
    service, _, name = action.partition(":")
    known = catalogue.action(service, name)
    return known.access_level.value if known is not None else ""
