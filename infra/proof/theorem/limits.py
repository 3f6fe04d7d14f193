"""What the proof could not know, and whether its verdict depends on it.

A policy that is not known counts as the worst that it could be, and a finding that rests on it says so; an ARN that is
not known counts as any of its form. What is left could change the verdict, so that nothing is proven beside it.
"""

from __future__ import annotations

from infra.proof.facts import Unknown
from infra.proof.report import NotModelledType, UnknownFact
from infra.proof.world import World


def unknown(world: World) -> tuple[UnknownFact, ...]:
    """The facts that are not known.

    Args:
        world: The estate, after everything was asked of it.
    """
    policies = _policies(world)
    nameless = {one.source.urn for one in world.estate.principals}
    ownerless = {one.source.urn for one in world.all_resources if one.owner is None}

    def matters(one: Unknown) -> bool:
        if (one.source.urn, one.property) in policies:
            return False
        if one.property == "arn":
            return one.source.urn in nameless
        # With an owner by its stack or by the mapping, its tags are asked about as if they could be any.
        return one.property != "tags" or one.source.urn in ownerless

    return tuple(
        UnknownFact(urn=one.source.urn, property=one.property, why=one.why, matters=matters(one))
        for one in dict.fromkeys((*world.estate.unknown, *world.unread.values()))
    )


def not_modelled(world: World) -> tuple[NotModelledType, ...]:
    """The types of resources that the proof does not know, each once.

    Args:
        world: The estate.
    """
    found: dict[tuple[str, bool, str], list[str]] = {}
    for one in world.estate.not_modelled:
        found.setdefault((one.type, one.could_matter, one.why), []).append(one.source.urn)
    return tuple(
        NotModelledType(type=type_, urns=tuple(urns), could_matter=could_matter, why=why)
        for (type_, could_matter, why), urns in sorted(found.items())
    )


def _policies(world: World) -> frozenset[tuple[str, str]]:
    """Where the policies are written that are not known, or that AWS would refuse."""
    estate = world.estate
    written = (
        *(one for each in estate.principals for one in (*each.identity, each.boundary, each.trust)),
        *(one for each in estate.resources for one in each.policies),
        *(each.policy for each in estate.routes),
    )
    unread = {(one.source.urn, one.property) for one in world.unread.values()}
    return frozenset(
        {(one.source.urn, one.property) for one in written if one is not None and one.text is None} | unread
    )
