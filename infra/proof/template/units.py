"""The facts of an estate by whose they are: one unit for each tenant, and one for what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from infra.proof.facts import Estate, KeyGrant, NotModelled, Principal, Resource, Route, Source, Unknown
from infra.proof.world.world import PLATFORM_OWNERS


@dataclass(slots=True)
class Unit:
    """Everything that the proof reads of one tenant.

    Args:
        principals: Its roles and users.
        resources: Its resources.
        routes: Its VPC endpoints.
        grants: The grants of its keys.
        unknown: What is not known of it.
        not_modelled: What of it the proof does not know how to read.
    """

    principals: list[Principal] = field(default_factory=list[Principal])
    resources: list[Resource] = field(default_factory=list[Resource])
    routes: list[Route] = field(default_factory=list[Route])
    grants: list[KeyGrant] = field(default_factory=list[KeyGrant])
    unknown: list[Unknown] = field(default_factory=list[Unknown])
    not_modelled: list[NotModelled] = field(default_factory=list[NotModelled])


def units(estate: Estate) -> Mapping[str | None, Unit]:
    """The units of an estate by tenant; None is the one that is shared.

    A grant is of its key's owner. What is not known, or not modelled, is of the owner of the resource that it is about,
    or else of the only owner in its stack.

    Args:
        estate: The facts.
    """
    found: dict[str | None, Unit] = defaultdict(Unit)
    owners = _Owners(estate)
    for principal in estate.principals:
        found[_tenant(principal.owner)].principals.append(principal)
    for resource in estate.resources:
        found[_tenant(resource.owner)].resources.append(resource)
    for route in estate.routes:
        found[_tenant(route.owner)].routes.append(route)
    for grant in estate.grants:
        found[owners.of_key(grant.grant.key, grant.source)].grants.append(grant)
    for unknown in estate.unknown:
        found[owners.of(unknown.source)].unknown.append(unknown)
    for kind in estate.not_modelled:
        found[owners.of(kind.source)].not_modelled.append(kind)
    return found


def only(estate: Estate, tenants: Iterable[str]) -> Estate:
    """The estate without the facts of other tenants."""
    found = units(estate)
    kept = [unit for owner, unit in found.items() if owner is None or owner in set(tenants)]
    wanted = {id(one) for unit in kept for one in _every(unit)}
    return Estate(
        principals=tuple(one for one in estate.principals if id(one) in wanted),
        resources=tuple(one for one in estate.resources if id(one) in wanted),
        routes=tuple(one for one in estate.routes if id(one) in wanted),
        grants=tuple(one for one in estate.grants if id(one) in wanted),
        controls=estate.controls,
        unknown=tuple(one for one in estate.unknown if id(one) in wanted),
        not_modelled=tuple(one for one in estate.not_modelled if id(one) in wanted),
        stacks=estate.stacks,
    )


def _every(unit: Unit) -> Iterable[object]:
    for facts in (unit.principals, unit.resources, unit.routes, unit.grants, unit.unknown, unit.not_modelled):
        yield from facts


def _tenant(owner: str | None) -> str | None:
    return None if owner is None or owner in PLATFORM_OWNERS else owner


class _Owners:
    """Whose a source is, by the resource at that place or by its stack."""

    def __init__(self, estate: Estate) -> None:
        self._by_urn: dict[str, str | None] = {}
        self._by_arn: dict[str, str | None] = {}
        stacks: dict[str, set[str | None]] = defaultdict(set)
        for one in (*estate.principals, *estate.resources, *estate.routes):
            owner = _tenant(one.owner)
            self._by_urn[one.source.urn] = owner
            stacks[one.source.stack].add(owner)
        for one in estate.resources:
            self._by_arn[one.arn] = _tenant(one.owner)
        self._by_stack = {stack: next(iter(owners)) for stack, owners in stacks.items() if len(owners) == 1}

    def of(self, source: Source) -> str | None:
        if source.urn in self._by_urn:
            return self._by_urn[source.urn]
        return self._by_stack.get(source.stack)

    def of_key(self, arn: str | None, source: Source) -> str | None:
        if arn is not None and arn in self._by_arn:
            return self._by_arn[arn]
        return self.of(source)
