"""What a change gives and takes: who can newly do what to what, and who no longer can.

Only what differs is asked about: a principal and a resource that are both as they were can do, and be done, what they
could before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

from infra.proof.facts import Document, Principal, Resource, Route
from infra.proof.queries.access import Access, access, name_of
from infra.proof.world import Actor, World


@dataclass(frozen=True, kw_only=True)
class Delta:
    """What a change changes.

    Args:
        gained: What somebody can do and could not before.
        lost: What somebody could do before and cannot.
        altered: What somebody can do before and after, as it was and as it is, where the request that was found needs
            something else of its context: conditions have become looser, tighter, or others.
    """

    gained: tuple[Access, ...]
    lost: tuple[Access, ...]
    altered: tuple[tuple[Access, Access], ...] = ()


def delta(before: World, after: World) -> Delta:
    """What can be done in one estate and not in another.

    Of what can be done in both, only one request of each is compared: the proof tells what a looser condition lets in.

    Args:
        before: The estate as it is.
        after: The estate as it would be.
    """
    changed = _changed(before, after)

    def differs(actor: Actor, resource: Resource) -> bool:
        return resource.arn in changed or (name_of(actor) in changed)

    old, new = ({one: one for one in access(world, differs)} for world in (before, after))
    kept = _in_order(old.keys() & new.keys())
    return Delta(
        gained=_in_order(new.keys() - old.keys()),
        lost=_in_order(old.keys() - new.keys()),
        altered=tuple((old[one], new[one]) for one in kept if old[one].context != new[one].context),
    )


def _in_order(those: AbstractSet[Access]) -> tuple[Access, ...]:
    return tuple(sorted(those, key=lambda one: (one.owner or "", one.principal, one.resource, one.action)))


def _changed(before: World, after: World) -> frozenset[str]:
    """The ARNs of the principals and resources that differ in anything that decides about access."""
    routes = _differing(
        {_way(one): _of_route(one) for one in before.routes}, {_way(one): _of_route(one) for one in after.routes}
    )
    marks = {part for way in routes for part in way if part}
    return frozenset(
        {
            *_differing(_of_principals(before, marks), _of_principals(after, marks)),
            *_differing(_of_resources(before, marks), _of_resources(after, marks)),
        }
    )


_Key = TypeVar("_Key")


def _differing(before: Mapping[_Key, object], after: Mapping[_Key, object]) -> Iterator[_Key]:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield key


def _way(route: Route) -> tuple[str | None, str | None]:
    return route.id, route.vpc


def _of_route(route: Route) -> tuple[object, ...]:
    return route.service, route.policy.text


def _of_principals(world: World, marks: set[str]) -> Mapping[str, object]:
    return {one.arn: _of_principal(world, one, marks) for one in world.estate.principals}


def _of_principal(world: World, one: Principal, marks: set[str]) -> object:
    documents = (*one.identity, one.boundary, one.trust)
    told = tuple(sorted(_text(each) for each in documents if each is not None))
    return told, dict(one.tags), one.owner, one.complete, _named(world, told, marks)


def _of_resources(world: World, marks: set[str]) -> Mapping[str, object]:
    return {one.arn: _of_resource(world, one, marks) for one in world.all_resources}


def _of_resource(world: World, one: Resource, marks: set[str]) -> object:
    told = tuple(map(_text, one.policies))
    grants = tuple(sorted(map(repr, world.grants_on(one.arn))))
    known = world.has_known_tags(one)
    return told, one.families, one.owner, one.account, dict(one.tags), known, grants, _named(world, told, marks)


def _named(world: World, texts: tuple[str, ...], marks: set[str]) -> object:
    """The endpoints with a changed policy that documents name: for these they decide otherwise."""
    named = {mark for mark in marks if any(mark in text for text in texts)}
    return tuple(sorted(repr(_of_route(one)) for one in world.routes if named & {one.id, one.vpc}))


def _text(document: Document) -> str:
    return f"{document.kind} {document.arn or ''} {document.text}"
