"""What one tenant can do to another's part of what is shared: its prefix in a bucket of all, its items in a table.

A request that names no key, such as a scan, is about everybody's items. Source: Amazon DynamoDB Developer Guide, "Using
IAM policy conditions for fine-grained access control".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.document import Condition, Statement
from infra.evaluator.kinds import Effect
from infra.evaluator.request import ContextValue
from infra.proof.facts import Resource
from infra.proof.reach import Reached
from infra.proof.reach.moves import fixing
from infra.proof.report import Claim, Finding
from infra.proof.symbolic import Question
from infra.proof.theorem.asking import Asked, first_of
from infra.proof.theorem.exceptions import requests, without
from infra.proof.theorem.parts import KEYS, Part, beginning, is_table, keys_in, parts_of, resolved
from infra.proof.theorem.reaching import by_chain
from infra.proof.theorem.sharing import Sharings
from infra.proof.theorem.witness import Subject, finding_of
from infra.proof.world import Actor, World, candidates, questions
from infra.proof.world.actors import identity_policies

#: Requests on a table that tell or change nothing of its items.
_OF_THE_TABLE_ITSELF = ("Describe", "Get", "List", "Tag", "Untag")


def pooled(
    world: World, tenant: str, reached: Reached, sharings: Sharings, targets: Collection[str] | None = None
) -> Iterator[Finding]:
    """A finding for every other tenant and shared resource of which one request on the other's part is allowed.

    Args:
        world: The estate.
        tenant: The tenant.
        reached: Everybody that its principals can become.
        sharings: What is meant.
        targets: The other tenants to ask about; all where it is None.
    """
    others = [one for one in world.tenants if one != tenant and (targets is None or one in targets)]
    parts = {one: those for one in others if (those := parts_of(world, one))}
    told: set[tuple[str, str]] = set()
    for actor in by_chain(reached) if parts else ():
        asking = _Asking(world, tenant, actor)
        for part in (part for those in parts.values() for part in those):
            pair = (part.owner, part.resource.arn)
            asked = None if pair in told else asking.about(part, sharings.excepted(tenant, part.owner))
            if asked is not None:
                told.add(pair)
                subject = Subject(Claim.ISOLATION, tenant, part.owner, reached.chain(actor), reached.doubts(actor))
                yield finding_of(world, asked, subject, _wrong(tenant, part), telling=(KEYS,))


def _wrong(tenant: str, part: Part) -> str:
    return (
        f"{tenant} can do {{action}} on what is {part.owner}'s in {part.resource.arn}, by the name {part.pattern}: end "
        f"the names that its statements allow, and bind every request to its own"
    )


class _Asking:
    """What one actor may do to the parts of others.

    Args:
        world: The estate.
        tenant: Whose principals it comes from.
        actor: The actor.
    """

    def __init__(self, world: World, tenant: str, actor: Actor) -> None:
        self._world = world
        self._actor = actor
        self._own = parts_of(world, tenant)
        self._reachable = {one.arn for one in candidates(world, actor)}
        self._beginnings: dict[tuple[str, bool], tuple[str, ...]] = {}
        self._whole: dict[str, Asked | None] = {}

    def about(self, part: Part, meant: tuple[Statement, ...]) -> Asked | None:
        """The first request on a part, or on all of the table that it is in, that is allowed."""
        if part.resource.arn not in self._reachable:
            return None
        found = None
        if self._may_name(part):
            nearer = tuple(one.pattern for one in self._own if part.is_told_by(one))
            asked = self._by_key(part, nearer) if part.keyed else self._by_name(part, nearer)
            found = first_of(self._world, (without(one, *meant) for one in asked))
        return found or (self._of_all(part, meant) if part.keyed else None)

    def _by_name(self, part: Part, nearer: tuple[str, ...]) -> Iterator[Question]:
        within = replace(part.resource, families=(replace(part.family, pattern=part.pattern),))
        excepted = (requests(resources=nearer),) if nearer else ()
        yield from (without(one, *excepted) for one in questions(self._world, self._actor, within))

    def _by_key(self, part: Part, nearer: tuple[str, ...]) -> Iterator[Question]:
        key = KEYS.lower()
        excepted = [Condition("ForAnyValue:StringNotLike", key, (part.pattern,)), Condition("Null", key, ("true",))]
        if nearer:
            excepted.append(Condition("ForAnyValue:StringLike", key, nearer))
        statements = [requests(conditions=(one,)) for one in excepted]
        asked = questions(self._world, self._actor, _table(part), _on_items().by_key)
        yield from (without(one, *statements) for one in asked)

    def _of_all(self, part: Part, meant: tuple[Statement, ...]) -> Asked | None:
        """The first request on all items of a table; asked once, unless some are meant."""
        arn = part.resource.arn
        if meant or arn not in self._whole:
            nothing: dict[str, ContextValue] = {KEYS: None}
            asked = fixing(questions(self._world, self._actor, _table(part), _on_items().of_all), nothing)
            found = first_of(self._world, (without(one, *meant) for one in asked))
            if meant:
                return found
            self._whole[arn] = found
        return self._whole[arn]

    def _may_name(self, part: Part) -> bool:
        """Whether some statement could be about the part, by how its names begin: that rules most parts out."""
        place = (part.resource.arn, part.keyed)
        if place not in self._beginnings:
            self._beginnings[place] = tuple(dict.fromkeys(self._named(part.resource, keyed=part.keyed)))
        begin = beginning(part.pattern)
        return any(one.startswith(begin) or begin.startswith(one) for one in self._beginnings[place])

    def _named(self, resource: Resource, *, keyed: bool) -> Iterator[str]:
        """How what the actor's policies, and the resource's own, allow something on begins."""
        own = self._world.resource_policy(resource)
        values = {key.lower(): value for key, value in self._actor.context.items() if isinstance(value, str)}
        for policy in (*identity_policies(self._world, self._actor), *((own,) if own is not None else ())):
            for one in policy.statements:
                if one.effect is Effect.ALLOW:
                    texts = keys_in(one) if keyed else one.resources
                    for text in texts or ("",):
                        yield beginning(resolved(text, policy, values) or text)


def _table(part: Part) -> Resource:
    return replace(part.resource, families=tuple(one for one in part.resource.families if is_table(one)))


class _OnItems:
    """The actions on the items of a table.

    Attributes:
        by_key: Those that name leading keys.
        of_all: Those that name none, and are about all items.
    """

    def __init__(self) -> None:
        named = {
            one.full_name: any(key.lower() == KEYS.lower() for key in one.all_condition_keys)
            for one in catalogue.actions("dynamodb")
            if not one.name.startswith(_OF_THE_TABLE_ITSELF) or one.name == "GetItem"
        }
        self.by_key = tuple(name for name, has_keys in named.items() if has_keys)
        self.of_all = tuple(name for name, has_keys in named.items() if not has_keys)


@lru_cache(maxsize=1)
def _on_items() -> _OnItems:
    return _OnItems()
