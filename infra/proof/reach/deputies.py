"""The step by which a service acts for a caller: it does, of its own accord, what the caller's resource tells it to do.

The service's request then names that resource as its source. Source: IAM User Guide, "The confused deputy problem",
Cross-service confused deputy prevention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from infra.evaluator.errors import UnknownPrincipal
from infra.evaluator.request import Caller, caller_of
from infra.proof.facts import Unknown
from infra.proof.reach.moves import Allowed, Move, first_allowed, move, not_known
from infra.proof.reach.sources import Source, acting_for, sources_of
from infra.proof.reach.starting import changing, prefixes_of
from infra.proof.report import UnknownFact
from infra.proof.world import Actor, World


def deputies(world: World, actor: Actor, is_known: Callable[[Actor], bool]) -> Iterator[Move | UnknownFact]:
    """The services that some policy of a resource names, and that act for what an actor makes or changes.

    Args:
        world: The estate.
        actor: Who makes the service act.
        is_known: Whether an actor needs no step any more.
    """
    for service in world.services_named:
        caller = _caller(service)
        prefixes = prefixes_of(service)
        if caller is None or not prefixes:
            continue
        for prefix in prefixes:
            sources = sources_of(world, actor, prefix)
            deputy = _deputy(actor, caller, sources)
            if not sources or is_known(deputy):
                continue
            found = first_allowed(world, changing(world, actor, prefix, typed=True))
            if isinstance(found, Allowed):
                made = move(world, "run-code", deputy, found)
                yield replace(made, doubts=tuple(dict.fromkeys((*made.doubts, *_unknown(actor)))))
                break
            if found:
                yield not_known(actor, "run-code", service, found)


def _deputy(actor: Actor, caller: Caller, sources: tuple[Source, ...]) -> Actor:
    return Actor(
        caller=caller,
        owner=actor.owner,
        fixed=(("aws:SourceAccount", actor.caller.account),),
        within=acting_for(sources),
        label=f"{caller.arn} for {actor.label}",
    )


def _unknown(actor: Actor) -> Iterator[Unknown]:
    """The actor's policies that are not known: only by them the service may act for what is not the actor's."""
    for document in actor.principal.identity if actor.principal else ():
        found = document.compiled()
        if isinstance(found, Unknown):
            yield found


def _caller(service: str) -> Caller | None:
    try:
        return caller_of(service)
    except UnknownPrincipal:
        return None
