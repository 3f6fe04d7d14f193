"""What people mean by a principal, a resource and an action: ARNs and names with wildcards, and what is misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from infra.errors import UserError
from infra.evaluator import catalogue
from infra.evaluator.glob import glob
from infra.proof.facts import Family, Principal, Resource
from infra.proof.world import World
from infra.proof.world.families import actions_for

_SHOWN = 3
#: A text with more wildcards is none that somebody typed.
_MOST_WILDCARDS = 32


def principals_named(world: World, text: str) -> tuple[Principal, ...]:
    """The principals that a text names: an ARN or the last part of one, with wildcards.

    Args:
        world: The estate.
        text: What was asked for.

    Raises:
        UserError: it names none.
    """
    matches = _matcher(text)
    found = tuple(one for one in world.estate.principals if matches(one.arn) or matches(_name(one.arn)))
    if not found:
        known = [known for one in world.estate.principals for known in (_name(one.arn), one.arn)]
        raise _nothing("no principal", text, known)
    return found


def resources_named(world: World, text: str) -> tuple[Resource, ...]:
    """The resources that a text names, each with those of its families only that are meant.

    Args:
        world: The estate.
        text: An ARN of a resource or of something in one, or the last part of a resource's ARN; with wildcards.

    Raises:
        UserError: it names none.
    """
    matches = _matcher(text)
    found = tuple(
        replace(one, families=families)
        for one in world.all_resources
        if (families := tuple(_meant(one, text, matches)))
    )
    if not found:
        known = [known for one in world.all_resources for known in (_name(one.arn), one.arn)]
        raise _nothing("no resource", text, known)
    return found


def actions_named(resources: Iterable[Resource], text: str) -> tuple[str, ...]:
    """The actions that a text names, among those of some resources.

    Args:
        resources: The resources.
        text: ``service:Action``, with wildcards; the case is ignored.

    Raises:
        UserError: it names none.
    """
    matches = _matcher(text.lower())
    known = {action for one in resources for family in one.families for action in actions_for(family)}
    found = tuple(sorted(action for action in known if matches(action.lower())))
    if not found:
        service, _, name = text.partition(":")
        if catalogue.action(service, name) is not None:
            raise UserError(
                f"{text} does not work on the resource", remedy=f"choose from {', '.join(sorted(known)[:_SHOWN])} ..."
            )
        raise _nothing("no action of the resource", text, sorted(known))
    return found


def _meant(resource: Resource, text: str, matches: Callable[[str], bool]) -> Iterator[Family]:
    """The families that a text means: those that it matches, and those that it is one of."""
    if matches(_name(resource.arn)):
        yield from resource.families
        return
    for family in resource.families:
        if matches(family.pattern):
            yield family
        elif text.startswith("arn:") and glob(family.pattern)(text):
            yield replace(family, pattern=text)


def _matcher(text: str) -> Callable[[str], bool]:
    if text.count("*") + text.count("?") > _MOST_WILDCARDS:
        raise UserError(f"more than {_MOST_WILDCARDS} wildcards", remedy="write what you mean with fewer")
    return glob(text)


def _name(arn: str) -> str:
    """The last part of an ARN: what people call it."""
    return arn.rpartition(":")[2].rpartition("/")[2] or arn


def _nothing(what: str, text: str, known: Iterable[str]) -> UserError:
    near = difflib.get_close_matches(text, list(known), n=_SHOWN, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "name an ARN, or the last part of one; * is a wildcard"
    return UserError(f"{what} is called {text[:200]!r}", remedy=hint)
