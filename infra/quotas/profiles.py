"""What one tenant of a tier takes: as its stack is planned or deployed, or as it was recorded where there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, cast

from ruamel.yaml import YAML

from infra.pricing import estimate
from infra.quotas.counting import NEW, Counts, Place, Resource, counted
from infra.quotas.table import quotas

_MAKES_PLACES = ("aws:ec2/vpc:Vpc", "aws:ec2/securityGroup:SecurityGroup")
_EVERYWHERE = ("account", "region", "instance_type")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a tenant takes.

    Args:
        source: Whose stack that is.
        takes: Of the quotas of the account and Region.
        in_cell: Of those of its cell's VPC, and of the group of the cell's endpoints, whose places have the direction
            only (``ingress``); empty for a tenant that has a VPC for itself.
        usd_month: The fixed charges, in US dollars a month.
        unpriced: How many of its charges are in no sum.
    """

    source: str
    takes: Counts
    in_cell: Counts = field(default_factory=dict[Place, int])
    usd_month: float = 0.0
    unpriced: int = 0


def profile_of(resources: Iterable[Resource], *, source: str, region: str) -> Profile:
    """What a tenant takes, by its resources.

    What it takes of quotas of its own VPC and groups is not in it: other tenants do not come into these.

    Args:
        resources: Of its stack, planned or deployed.
        source: How messages call them.
        region: Where they are.
    """
    listed = list(resources)
    own = {NEW} | {each.id for each in listed if each.type in _MAKES_PLACES}
    takes: dict[Place, int] = {}
    in_cell: dict[Place, int] = {}
    for place, count in counted(listed).items():
        per = quotas()[place.quota].per
        where, _, direction = place.at.partition(" ")
        if per in _EVERYWHERE:
            takes[place] = count
        elif per != "document" and where not in own:
            in_cell[Place(place.quota, direction)] = in_cell.get(Place(place.quota, direction), 0) + count
    cost = estimate(listed, region=region)
    return Profile(source=source, takes=takes, in_cell=in_cell, usd_month=cost.usd_month, unpriced=len(cost.unpriced))


def largest(profiles: Collection[Profile]) -> Profile:
    """The most that any of some tenants takes of each quota: of those, one more always fits where this fits.

    Args:
        profiles: Of tenants of one tier; at least one.
    """
    return Profile(
        source=", ".join(sorted(each.source for each in profiles)),
        takes=_most([each.takes for each in profiles]),
        in_cell=_most([each.in_cell for each in profiles]),
        usd_month=max(each.usd_month for each in profiles),
        unpriced=max(each.unpriced for each in profiles),
    )


@cache
def recorded() -> Mapping[str, Profile]:
    """A tenant of each tier as it was recorded, ``profiles.yaml``; by tier."""
    text = files("infra.quotas").joinpath("profiles.yaml").read_text(encoding="utf-8")
    said: Mapping[str, Mapping[str, Any]] = cast("Any", YAML(typ="safe", pure=True)).load(text)
    return {
        tier: Profile(
            source=str(each["source"]),
            takes=_places(each["takes"]),
            in_cell=_places(each["in_cell"]),
            usd_month=float(each["usd_month"]),
        )
        for tier, each in said.items()
    }


def _most(counts: Collection[Counts]) -> dict[Place, int]:
    places = dict.fromkeys(place for each in counts for place in each)
    return {place: max(each.get(place, 0) for each in counts) for place in places}


def _places(said: Mapping[str, int]) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for key, count in said.items():
        quota, _, at = key.partition(" ")
        found[Place(quota, at)] = count
    return found
