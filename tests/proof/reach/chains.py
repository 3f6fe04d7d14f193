"""Reads what a closure found."""

from __future__ import annotations

from infra.proof.reach import Reached, closure
from infra.proof.world import Actor, World, actors_of
from tests.proof.world.estates import role_arn


def reached(estate: World, owner: str = "a") -> Reached:
    """What an owner's principals become."""
    return closure(estate, actors_of(estate, owner))


def names(found: Reached) -> set[str]:
    """The names of roles and users that are reached; services that act for somebody by their whole name."""
    return {actor.arn.rpartition("/")[2] for actor in found.actors}


def states(found: Reached, name: str) -> list[Actor]:
    """The states of a role that are reached."""
    return [actor for actor in found.actors if actor.arn == role_arn(name)]


def kinds(found: Reached, name: str) -> list[str]:
    """The kinds of the steps to the first state of a role that is reached; that it is reached goes without saying."""
    return [step.kind for step in found.chain(states(found, name)[0])]
