"""Which resources are worth a question: those that an actor's policies, or their own, could let it reach at all.

Everything that `decide` could allow is among them; that most of the estate is not is what makes a proof fast.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

from infra.evaluator.document import Policy, Statement
from infra.evaluator.glob import glob
from infra.evaluator.kinds import Effect
from infra.evaluator.request import CallerKind
from infra.proof.facts import Family, Resource
from infra.proof.world.actors import Actor, identity_policies
from infra.proof.world.families import actions_for, lowered, named_by
from infra.proof.world.listing import lists_any
from infra.proof.world.meeting import may_pass
from infra.proof.world.overlap import Ends, ends_alike, ends_of
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
    found = {one.arn: one for one in world.naming.naming(actor.caller) if _passes(world, actor, one)}
    if actor.caller.kind not in _WITHOUT_IDENTITY:
        account = actor.caller.account
        across = {one.arn for one in world.naming.by_account.get(account or "", ())}
        for one in _index(world).allowed_by(identity_policies(world, actor), wanted):
            if one.arn not in found and (world.account_of(one) in (None, account) or one.arn in across):
                found[one.arn] = one
    if wanted is None:
        return tuple(found.values())
    return tuple(one for one in found.values() if any(_actions(each, wanted) for each in one.families))


def _passes(world: World, actor: Actor, resource: Resource) -> bool:
    """Whether a resource's policy may allow something to a service whose requests must pass another policy too."""
    if actor.within is None or actor.caller.kind is not CallerKind.SERVICE or resource.arn in world.principals:
        return True
    return may_pass(world, resource, actor.arn, actor.within)


class _Index:
    """The families of an estate, by how the ARNs in them begin.

    Args:
        resources: All resources.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        entries = [
            (ends_of(each.pattern), place, each, one) for one in resources for place, each in enumerate(one.families)
        ]
        entries.sort(key=lambda entry: entry[0])
        self._entries = [(ends, family, resource) for ends, _, family, resource in entries]
        self._begins = [ends.begin for ends, _, _ in self._entries]
        self._open: dict[str, list[int]] = {}
        for place, (ends, _, _) in enumerate(self._entries):
            if ends.is_open:
                self._open.setdefault(ends.begin, []).append(place)
        self._lengths = sorted({len(begin) for begin in self._open})

    def allowed_by(self, policies: Iterable[Policy], wanted: frozenset[str] | None) -> Iterator[Resource]:
        """The resources that some statement allows something on."""
        for policy in policies:
            for statement in policy.statements:
                if statement.effect is not Effect.ALLOW:
                    continue
                if wanted is not None and not lists_any(statement, tuple(sorted(wanted))):
                    continue
                for place in self._places(statement, variables=policy.has_variables):
                    _, family, resource = self._entries[place]
                    if _is_listed(statement, family, wanted):
                        yield resource

    def _places(self, statement: Statement, *, variables: bool) -> Iterable[int]:
        if statement.resources is None:
            return range(len(self._entries))
        return {
            place
            for text in statement.resources
            for place in self._beginning_like(ends_of(text, variables=variables))
            if ends_alike(ends_of(text, variables=variables), self._entries[place][0])
        }

    def _beginning_like(self, ends: Ends) -> Iterator[int]:
        """The families that begin as some text of a pattern does."""
        begin = ends.begin
        place = bisect_left(self._begins, begin)
        while place < len(self._begins) and self._begins[place].startswith(begin):
            if not ends.is_open and self._begins[place] != begin:
                break  # what begins with more comes after all that begins so
            yield place
            place += 1
        for length in self._lengths:
            if length < len(begin):
                yield from self._open.get(begin[:length], ())


_INDEXES: WeakKeyDictionary[World, _Index] = WeakKeyDictionary()


def _index(world: World) -> _Index:
    found = _INDEXES.get(world)
    if found is None:
        found = _INDEXES[world] = _Index(world.all_resources)
    return found


def _is_listed(statement: Statement, family: Family, wanted: frozenset[str] | None) -> bool:
    """Whether a statement is about an action on a family; of an unknown service, about any of its name."""
    if wanted is None and not named_by(family):
        listed = statement.actions
        service = family.service or "unknown"
        return listed is None or any(glob(text.partition(":")[0])(service) for text in listed)
    return lists_any(statement, _actions(family, wanted))


@lru_cache(maxsize=4096)
def _actions(family: Family, wanted: frozenset[str] | None) -> tuple[str, ...]:
    """The actions on a family that are looked for."""
    known = lowered(actions_for(family))
    return known if wanted is None else tuple(action for action in known if action in wanted)
